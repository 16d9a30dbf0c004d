//! The gate: one mechanism that enforces, many methods that decide.
//!
//! An [`Authenticator`] decides from the head of a request; a [`Gate`] enforces the decision. The methods
//! of this crate are layers themselves: `BasicAuthLayer` works alone, beside other methods in [`AnyOf`],
//! and within [`Optional`] or [`PublicPaths`]. [`GateLayer`] makes a layer of any other method, and
//! [`InsecureNoAuth`] admits every request. There are three outcomes:
//!
//! 1. The request is admitted. The gate removes the credential, puts the [`Identity`] into the request's
//!    extensions and changes nothing else. The method may add headers to the response, such as
//!    `Set-Cookie`.
//! 2. The request is refused: 401 if the credential is missing or invalid, 400 if the request cannot be
//!    judged, 403 if the client is known but lacks permission, 503 if the credential cannot be judged
//!    now, 500 if the stack can admit no client. The body names the status and nothing else. A 401 has a
//!    `WWW-Authenticate` line for each scheme and realm that the client can sign in with; a method for
//!    browsers may answer with a redirect instead. The [`RefusalReason`] is in the extensions of the
//!    response.
//! 3. The request is for a route of the method itself, such as a sign-in callback, and the method answers.
//!
//! The response does not show why a password or a token is invalid: an unknown user gets the same one as
//! a wrong password, and an unknown token the same as an expired or revoked one. It does show which kind
//! of credential the request had, since RFC 6750 has an `error` for a bearer token and none for a request
//! without one.
//!
//! An identity from a cookie authorises only GET, HEAD and OPTIONS, unless the request provably comes
//! from the same origin.
//!
//! # Deployment caveats
//!
//! * Put [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside of the gate and of routing.
//! * axum's `Router::layer` runs after routing, and routes and fallbacks added after it stay open:
//!   `.layer(gate)` before `.fallback_service(s)` does not guard `s`. Wrap the whole router:
//!   `Router::new().fallback_service(gate.layer(router))`, or make the stack the fallback.
//! * Within axum's `nest`, the gate sees the path without the prefix.
//! * A gate within a gate finds the credential removed, and its [`RefusalReason`] says so. Use [`AnyOf`],
//!   or [`RequireScopeLayer`] for a part of the paths.
//! * `tower::util::option_layer` does not compile, since a gate changes the type of the response body. Use
//!   an `Option` of a method within [`AnyOf`].
//! * The response future is `Send` if the inner service's is; it is not `Sync`.
//! * A CORS preflight carries no credential, so put tower-http's `CorsLayer` outside. tower-http's layers
//!   fit outside and inside of a gate: its [`ResponseBody`](crate::response::ResponseBody) has the
//!   `Default` that `CorsLayer` and `TimeoutLayer` need.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
//! use portcullis::gate::{AnyOf, Identity, RefusalKind, RefusalReason};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let people = BasicAuthLayer::new("people", FixedUsers::new([("ana", "s3cret")])?)?;
//! let mut service = ServiceBuilder::new()
//!     .layer(AnyOf::new((people,))?)
//!     .service(service_fn(|request: Request<()>| async move {
//!         let identity = request.extensions().get::<Identity>().unwrap();
//!         Ok::<_, Infallible>(Response::new(identity.subject().to_owned()))
//!     }));
//!
//! let request = Request::get("/").header("authorization", "Basic YW5hOnMzY3JldA==");
//! let response = service.ready().await.unwrap().call(request.body(()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let request = Request::get("/").body(()).unwrap();
//! let response = service.ready().await.unwrap().call(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! let reason = response.extensions().get::<RefusalReason>().unwrap();
//! assert_eq!(reason.kind(), RefusalKind::Missing);
//! # Ok(())
//! # }
//! ```

mod admission;
mod answer;
mod any_of;
mod authenticator;
mod authorization;
mod basic;
#[cfg(any(feature = "jwt", feature = "token"))]
mod bearer;
mod carrier;
mod challenge;
mod decision;
mod future;
mod identity;
mod insecure_no_auth;
mod layer;
mod mismatch;
mod optional;
mod policy;
mod public_paths;
mod reason;
mod refusal;
mod require_scope;
mod same_origin;
mod scope_policy;
mod service;
mod shown;
#[cfg(any(feature = "jwt", feature = "token"))]
mod token_method;
mod verifier;

pub use self::admission::Admission;
pub use self::any_of::{AnyOf, Methods};
pub use self::authenticator::Authenticator;
pub use self::authorization::Presented;
pub use self::basic::BasicCredentials;
pub use self::carrier::{Carrier, Token, TokenFromPath};
pub use self::challenge::Challenge;
pub use self::decision::{Decision, Verdict, VerdictFuture};
pub use self::future::ResponseFuture;
pub use self::identity::Identity;
pub use self::insecure_no_auth::InsecureNoAuth;
pub use self::layer::GateLayer;
pub use self::mismatch::Mismatch;
#[cfg(feature = "jwt")]
pub(crate) use self::mismatch::Quoted;
pub use self::optional::Optional;
pub use self::public_paths::PublicPaths;
pub use self::reason::{RefusalDetail, RefusalKind, RefusalReason};
pub use self::refusal::Refusal;
pub use self::require_scope::RequireScopeLayer;
pub use self::scope_policy::ScopePolicy;
pub use self::service::Gate;
pub use self::verifier::{
    PasswordVerifier, TokenVerifier, password_verifier_fn, token_verifier_fn,
};

#[cfg(any(feature = "basic-auth", feature = "jwt", feature = "token"))]
pub(crate) use self::layer::impl_layer_for_method;
#[cfg(feature = "axum")]
pub(crate) use self::require_scope::{admitted, answer_as_outside, signed_in};
#[cfg(fuzzing)]
pub(crate) use self::same_origin::is_same_origin_or_safe;
#[cfg(feature = "sso")]
pub(crate) use self::same_origin::{CROSS_SITE, is_safe, is_same_origin};
#[cfg(any(feature = "basic-auth", feature = "jwt"))]
pub(crate) use self::scope_policy::require_scope_token;
#[cfg(any(feature = "jwt", feature = "token"))]
pub(crate) use self::token_method::{TokenMethod, impl_token_layer};
