//! Extractors for axum's handlers: the identity of a request, and the claims of its token.
//!
//! A handler behind a gate takes [`Identity`](crate::gate::Identity), or `Claims<T>` with its own type for
//! the claims of a JWT or of an ID token:
//!
//! 1. `Identity` is the identity that the gate has admitted.
//! 2. An anonymous request is refused as the gate would have done, with 401 and its challenges, like
//!    [`RequireScopeLayer::signed_in`](crate::gate::RequireScopeLayer::signed_in). `Option<Identity>` and
//!    `Option<Claims<T>>` are `None`.
//! 3. Without a gate outside, every request is refused with 500, even if the handler takes an `Option`.
//! 4. `Claims<T>` refuses an identity without claims, such as one from a password, with 403;
//!    `Option<Claims<T>>` is `None`. Both refuse claims that do not fit `T` with 403: not 401, since the
//!    client would send the same credential again, and not 5xx, since clients choose their tokens.
//!
//! The body of a refusal names the status alone. The [`RefusalReason`](crate::gate::RefusalReason) in the
//! extensions of the response repeats no claim.
//!
//! # Deployment caveat
//!
//! An extractor guards its handler alone. Put a gate outside of the router, or of a part of it (see
//! [`crate::gate`]).
//!
//! # Example
//!
//! ```
//! use axum::Router;
//! use axum::body::Body;
//! use axum::routing::get;
//! use http::{Request, StatusCode};
//! use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
//! use portcullis::gate::{Identity, Optional};
//! use tower::{Layer, ServiceExt};
//!
//! async fn whoami(identity: Identity) -> String {
//!     identity.subject().to_owned()
//! }
//!
//! async fn greet(identity: Option<Identity>) -> String {
//!     identity.map_or("stranger".into(), |identity| identity.subject().to_owned())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let router = Router::new().route("/whoami", get(whoami)).route("/greet", get(greet));
//! let people = BasicAuthLayer::new("people", FixedUsers::new([("ana", "s3cret")])?)?;
//! let service = Optional::new(people).layer(router);
//! let send = |request: http::request::Builder| {
//!     service.clone().oneshot(request.body(Body::empty()).unwrap())
//! };
//!
//! let credentials = "Basic YW5hOnMzY3JldA==";
//! let response = send(Request::get("/whoami").header("authorization", credentials)).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let response = send(Request::get("/whoami")).await.unwrap();
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! assert!(response.headers().contains_key("www-authenticate"));
//!
//! let response = send(Request::get("/greet")).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "jwt")]
mod claims;
mod identity;
mod rejection;

#[cfg(feature = "jwt")]
pub use self::claims::Claims;
pub use self::rejection::Rejection;
