//! HTTP Basic authentication (RFC 7617), with a fixed table of users or any other verifier.
//!
//! A request is admitted if its `Authorization` field has the scheme `Basic`, in any case, and the
//! verifier accepts the user name and the password. Any other request is refused:
//!
//! 1. with 401 and the challenge `Basic realm="…", charset="UTF-8"` if there are no credentials; a tab or
//!    nothing follows the scheme; the credentials are not base64 of the standard alphabet with padding;
//!    the decoded text has no colon, has a control character or is not UTF-8; the user is unknown or the
//!    password wrong. The responses of the last two are the same, and take the same work;
//! 2. with 400 if there are two `Authorization` fields;
//! 3. with 403 if the user lacks one of the scopes of
//!    [`with_required_scopes`](BasicAuthLayer::with_required_scopes);
//! 4. with 429, `Retry-After` and no challenge if this user, from this network, has to
//!    [wait after failed logins](#failed-logins);
//! 5. with 503 and no challenge if the verifier cannot judge the password now.
//!
//! The first colon ends the user name, so a password may have colons. User names and passwords are
//! compared byte by byte: configure them in Unicode's normalization form C, in which clients send them
//! (RFC 7617 section 2.1). `Proxy-Authorization` is ignored.
//!
//! # Failed logins
//!
//! Wrong passwords and unknown users are counted for each pair of a claimed user name and a client's
//! [network](crate::client_address::ClientNetwork). Five failures are free. After that the pair waits, 1 s, then
//! 2 s, 4 s and so on up to 60 s, and during the wait its requests are refused with 429 without asking the
//! verifier, the right password too. After each wait, one request at a time is judged. A right password, or an
//! hour without a failure, ends the count. The same user from another network, and other users, do not wait.
//! Guesses that are sent at once are judged before the first failure is known: with an htpasswd file, as many as
//! its queue and threads hold.
//!
//! A password that was right within the hour, for this user and from this network, never waits: nobody can
//! keep a user out who is signed in, nor does an old password on one machine keep out the others. All other
//! passwords wait, whether the user is known, unknown or signed in. Of clients whose network is not known,
//! because the server inserts no [`ClientAddress`](crate::client_address::ClientAddress), nothing is counted.
//!
//! 4096 failing pairs and 4096 right passwords are remembered, as keyed digests. When there are more, the pairs
//! with the fewest failures are forgotten first, so that a pair that waits is not released by a few thousand
//! failures of others. Each layer counts for itself, and each process.
//!
//! A verifier whose answer is [`Decision::Absent`](crate::gate::Decision::Absent) for passwords of another
//! shape is not asked during a wait either. In an [`AnyOf`](crate::gate::AnyOf), put the methods whose
//! credentials come by the same header before this one: what they judge is not counted and does not wait.
//!
//! # Deployment caveats
//!
//! Behind a proxy, put a [`ClientNetworkLayer`](crate::client_address::ClientNetworkLayer) outside. Otherwise
//! all clients are one network, that of the proxy.
//!
//! The password is sent with every request: serve over TLS. Fixed users are meant for a few machines with
//! generated passwords; memory holds these as they are.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let mut service = ServiceBuilder::new()
//!     .layer(BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")])?)?)
//!     .service(service_fn(|_: Request<()>| async {
//!         Ok::<_, Infallible>(Response::new(String::from("wheel")))
//!     }));
//!
//! // ci:s3cret
//! let request = Request::get("/").header("authorization", "Basic Y2k6czNjcmV0");
//! let response = service.ready().await.unwrap().call(request.body(()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! // ci:guess
//! let request = Request::get("/").header("authorization", "Basic Y2k6Z3Vlc3M=");
//! let response = service.ready().await.unwrap().call(request.body(()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! assert_eq!(
//!     response.headers()["www-authenticate"],
//!     r#"Basic realm="packages", charset="UTF-8""#
//! );
//! # Ok(())
//! # }
//! ```

mod admitted;
mod failed_logins;
mod layer;
mod users;

pub use self::layer::BasicAuthLayer;
pub use self::users::FixedUsers;
