//! Extractors for axum's handlers: who was admitted, and what its token says.
//!
//! A handler behind a gate takes [`Identity`](crate::gate::Identity), or `Claims<T>` with a type of
//! its own for what a JWT says, or the provider at which a person signed in:
//!
//! 1. Whom the gate has admitted is what `Identity` gives.
//! 2. A request that the gate let in anonymously is answered as the gate would have answered: 401, its
//!    challenges and its wording, as [`RequireScopeLayer::signed_in`](crate::gate::RequireScopeLayer::signed_in)
//!    does. `Option<Identity>` and `Option<Claims<T>>` are `None` then.
//! 3. Without a gate outside everything is 500, with `Option` too: `None` says that a gate let the
//!    request in.
//! 4. `Claims<T>` answers 403 to who signed in by a method without claims, such as a password;
//!    `Option<Claims<T>>` is `None` then. Claims that do not fit `T` are 403 either way. It is never 401,
//!    since the credential is good and the same one would come again, and never 5xx, since clients
//!    choose their tokens.
//!
//! Whoever is refused learns the status alone; the [`RefusalReason`](crate::gate::RefusalReason) is in
//! the extensions of the response, and says no more of the claims than that they do not fit.
//!
//! # Deployment caveat
//!
//! An extractor guards its handler and nothing beside it: the gate stands outside of the router, or of a
//! part of it (see [`crate::gate`] for where).
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
