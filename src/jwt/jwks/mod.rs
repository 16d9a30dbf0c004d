//! Keys that are fetched: from a JWKS URL, or from where an issuer's metadata says.
//!
//! [`JwksKeys`] are the [`KeySource`](crate::jwt::KeySource) of one issuer. Requests drive them:
//!
//! 1. Keys that are at hand are told at once, and no request with a good token waits. Where they are
//!    due to be fetched again, the next request has a task begun that does it, and goes on with them.
//!    They are due after the `Cache-Control: max-age` of the answer, bounded to 1 minute to 1 hour, or
//!    after 10 minutes where it has none, less up to a tenth that is drawn.
//! 2. A token that names a key which is not there has them fetched, and waits for that. All who need
//!    it wait for one fetch, and go on with what it brings; who leaves stops it for nobody. Within 30
//!    seconds after the last fetch began there is no other: the token is refused with 401 where that
//!    one succeeded, else with 503. So a flood of made-up tokens costs a fetch every 30 seconds, and a
//!    new key is taken within as long. What a token says is no part of a URL.
//! 3. A document that has not changed changes nothing. A key that has gone from it verifies no more.
//! 4. A fetch fails by an answer other than 200, a redirect to another scheme or more than three, a
//!    compressed answer, one of more than 256 KiB, one that is not a JWKS or has no key that can be used,
//!    and after 5 seconds. The last keys stay in use, until 24 hours after the last fetch that
//!    succeeded began; then, and before the first one has succeeded, requests are answered with 503.
//!    After a failure it is due again 30 seconds after it began.
//!
//! The numbers can be set. At the start nothing is fetched: [`JwksKeys::fetch`] does, to fail early.
//!
//! # Deployment caveats
//!
//! * A fetch needs a tokio runtime, with its timer. Outside of one, keys at hand are told, and none
//!   are fetched.
//! * No task is needed. A gateway that nobody asks for hours has its first request after that served
//!   by the old keys, while it fetches new ones. To have them fetched all the same, call
//!   [`JwksKeys::fetch`] in a loop of one's own, which pauses some minutes.
//! * A process that was frozen during a fetch, as AWS Lambda does between requests, begins another
//!   one once the time of that is up.
//! * An issuer's metadata is read with every refresh, which makes two or three requests of each fetch.
//! * A document that is fetched over `http` has to come from the machine itself, unless a constructor
//!   with `insecure` in its name takes the URL.
//! * The default client uses no proxy. One that does is a [`FetchClient`](crate::upstream::FetchClient)
//!   of some lines.
//! * A failure shows by [`JwksKeys::with_failure_observer`] alone, for as long as the last keys serve.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use portcullis::jwt::KeySource;
//! use portcullis::jwt::jwks::{JwksErrorKind, JwksKeys};
//! use portcullis::upstream::{FetchClient, FetchFuture};
//!
//! /// Stands in for the network.
//! #[derive(Debug)]
//! struct Answers(&'static str);
//!
//! impl FetchClient for Answers {
//!     fn fetch(&self, _request: Request<Bytes>, _max_bytes: usize) -> FetchFuture<'_> {
//!         FetchFuture::new(async { Ok(Response::new(Bytes::from(self.0))) })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // RFC 8037 appendix A.2.
//! let client = Answers(r#"{"keys": [
//!     {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
//! ]}"#);
//! let keys = JwksKeys::new("https://id.example/keys")?.with_client(client);
//! keys.fetch().await?;
//! assert_eq!(keys.keys().unwrap().len(), 1);
//!
//! let keys = JwksKeys::new("https://id.example/keys")?.with_client(Answers(r#"{"keys": []}"#));
//! let error = keys.fetch().await.unwrap_err();
//! assert_eq!(error.kind(), JwksErrorKind::Keys);
//! assert!(keys.keys().is_none());
//! assert!(JwksKeys::new("http://id.example/keys").is_err());
//! # Ok(())
//! # }
//! ```

mod error;
mod kept;
mod keys;
mod metadata;
mod origin;
mod refresh_times;
mod source;
mod state;

pub use self::error::{JwksError, JwksErrorKind};
pub use self::keys::JwksKeys;

#[cfg(feature = "sso")]
pub(crate) use self::metadata::{Metadata, MetadataOrigin};
