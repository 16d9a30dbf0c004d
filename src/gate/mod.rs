//! The gate: one mechanism that enforces, many methods that decide.
//!
//! An [`Authenticator`] looks at the head of a request and decides; a [`Gate`] carries the decision
//! out. The methods of this crate are layers themselves, so `BasicAuthLayer` works alone, in
//! [`AnyOf`] beside others, within [`Optional`] or [`PublicPaths`]; [`GateLayer`] makes a layer of
//! one's own method. A request comes to one of these ends:
//!
//! 1. It is admitted. The credential is removed, the [`Identity`] put into the request's
//!    extensions, and nothing else changed. The method may add headers to the answer, such as a
//!    `Set-Cookie`.
//! 2. It is refused: 401 for a missing or bad credential, 400 for a request that cannot be judged,
//!    403 for a known client that may not, 503 where the credential cannot be judged now, 500 where
//!    nobody could be admitted. The response names its status and nothing else; a 401 has a
//!    `WWW-Authenticate` line for each scheme and realm there is to sign in by. A method for browsers
//!    may answer with a redirect instead, at once or later. The [`RefusalReason`] is in the extensions
//!    of the response.
//! 3. It is for a route of the method's own, such as a sign-in callback, and the method answers.
//!
//! An identity that came by cookie authorises nothing but GET, HEAD and OPTIONS, unless the request
//! is shown to come from the same origin.
//!
//! # Deployment caveats
//!
//! * Put [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside, and outside of routing.
//! * axum's `Router::layer` runs after routing, and leaves routes and fallbacks that are added later
//!   open: `.layer(gate)` before `.fallback_service(s)` does not guard `s`. Wrap the whole router:
//!   `Router::new().fallback_service(gate.layer(router))`, or make the stack the fallback.
//! * axum's `nest` strips the prefix from the path that a gate inside it sees.
//! * A gate within a gate finds the credential removed. Use [`AnyOf`], or [`RequireScopeLayer`] for
//!   what only some may have.
//! * `tower::util::option_layer` does not fit, since a gate changes the type of the response's body;
//!   an `Option` of a method within [`AnyOf`] does.
//! * The response future is `Send` where the inner service's is, and not `Sync`.
//! * A CORS preflight carries no credential: put tower-http's `CorsLayer` outside.
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
mod optional;
mod policy;
mod public_paths;
mod reason;
mod refusal;
mod require_scope;
mod scope_policy;
mod service;
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
pub use self::optional::Optional;
pub use self::public_paths::PublicPaths;
pub use self::reason::{RefusalKind, RefusalReason};
pub use self::refusal::Refusal;
pub use self::require_scope::RequireScopeLayer;
pub use self::scope_policy::ScopePolicy;
pub use self::service::Gate;
pub use self::verifier::{
    PasswordVerifier, TokenVerifier, password_verifier_fn, token_verifier_fn,
};

#[cfg(any(feature = "basic-auth", feature = "jwt", feature = "token"))]
pub(crate) use self::layer::impl_layer_for_method;
#[cfg(feature = "sso")]
pub(crate) use self::policy::is_same_origin_or_safe;
#[cfg(feature = "axum")]
pub(crate) use self::require_scope::{admitted, answer_as_outside, signed_in};
#[cfg(any(feature = "basic-auth", feature = "jwt"))]
pub(crate) use self::scope_policy::require_scope_token;
#[cfg(any(feature = "jwt", feature = "token"))]
pub(crate) use self::token_method::{TokenMethod, impl_token_layer};
