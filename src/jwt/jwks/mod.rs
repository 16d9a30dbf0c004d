//! Keys that are fetched: from a JWKS URL, or from the URL in an issuer's metadata.
//!
//! [`JwksKeys`] is the [`KeySource`](crate::jwt::KeySource) of one issuer. Requests drive it:
//!
//! 1. Keys at hand are returned at once, so no request with a good token waits. If they are due, the next
//!    request starts a task that fetches them, and goes on with the old ones. They are due after the
//!    `Cache-Control: max-age` of the answer, bounded to 1 minute to 1 hour, or after 10 minutes without one,
//!    less a random part of up to a tenth.
//! 2. A token that names an unknown key has the keys fetched, and waits for that. All requests that need the
//!    fetch share it; one that leaves does not stop it. Within 30 seconds after a fetch began, no other fetch
//!    starts: the token is refused with 401 if that fetch succeeded, and with 503 otherwise. So a flood of
//!    made-up tokens costs one fetch every 30 seconds, and a new key is accepted within the same time. Nothing
//!    of a token becomes part of a URL.
//! 3. A document that has not changed changes nothing. A key that has been removed from it no longer verifies
//!    any token after the fetch, not even one that was verified before.
//! 4. If the issuer publishes no usable key, the last keys are dropped: the key set is well-formed and has
//!    none, or the server answers 404 or 410 (at both URLs of the metadata). Requests are then answered with
//!    503 until there is a key.
//! 5. Any other failure says nothing about the keys, and the last ones stay in use until 24 hours after the
//!    beginning of the last fetch that succeeded: no answer within 5 seconds, any other status than 200, a
//!    redirect to another scheme, more than three redirects, a compressed answer, one of more than 256 KiB,
//!    one that is not a JWKS, such as a page, and metadata that is malformed or of another issuer. Then, and
//!    before the first fetch has succeeded, requests are answered with 503.
//! 6. After a failure, the next fetch can start 30 seconds after the failed one began.
//!
//! Nothing is fetched at startup. Call [`JwksKeys::fetch`] there to fail early.
//!
//! # Deployment caveats
//!
//! * A fetch needs a tokio runtime with its timer. Outside of one, keys at hand are returned, and none are
//!   fetched.
//! * No background task is needed. After hours without a request, a gateway serves the first one by the old
//!   keys while it fetches new ones. To have them fetched anyway, call [`JwksKeys::fetch`] in a loop of your
//!   own that pauses some minutes.
//! * A process that was frozen during a fetch, as AWS Lambda does between requests, starts another one once
//!   the time limit of the old one is over.
//! * An issuer's metadata is read with every refresh, so that each fetch takes two or three requests.
//! * A document that is fetched over `http` must come from the machine itself, unless a constructor with
//!   `insecure` in its name takes the URL.
//! * The default client uses no proxy. A [`FetchClient`](crate::upstream::FetchClient) that does takes a few
//!   lines.
//! * While the last keys are good, only [`JwksKeys::with_failure_observer`] shows a failure, and only
//!   [`JwksKeys::with_left_out_observer`] shows a key of the set that cannot be used.
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
//! assert_eq!(error.kind(), JwksErrorKind::Withdrawn);
//! assert!(keys.keys().is_none());
//! assert!(JwksKeys::new("http://id.example/keys").is_err());
//! # Ok(())
//! # }
//! ```

mod error;
mod fetch;
mod keys;
mod metadata;
mod origin;

pub use self::error::{JwksError, JwksErrorKind};
pub use self::keys::JwksKeys;

#[cfg(feature = "sso")]
pub(crate) use self::metadata::{Metadata, MetadataOrigin};
