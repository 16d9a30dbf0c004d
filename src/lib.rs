//! Portcullis is a Rust crate of [tower] layers and services that turn any hyper or axum app into an
//! authenticated gateway in front of a private S3 bucket. The bucket holds Python packages, conda
//! channels, build artifacts or a static site. The people and machines that read it hold no AWS
//! credentials; only the gateway does.
//!
//! # A stack
//!
//! ```
//! # #[cfg(feature = "full")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! use http::{Request, StatusCode};
//! use portcullis::aws::Credentials;
//! use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
//! use portcullis::s3::{Bucket, BucketClient};
//! use portcullis::{CanonicalPathLayer, IndexRewriteLayer, S3Proxy};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! let users = FixedUsers::new([("ci", "a long password")])?;
//! let bucket = Bucket::new("my-bucket/packages", "eu-west-1")?;
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")?;
//!
//! let stack = ServiceBuilder::new()
//!     .layer(CanonicalPathLayer::new())
//!     .layer(BasicAuthLayer::new("packages", users)?)
//!     .layer(IndexRewriteLayer::new().with_folder_object())
//!     .service(S3Proxy::new(BucketClient::new(bucket, credentials)?));
//!
//! // The stack is a service for hyper, and the fallback of an axum router.
//! let app: axum::Router = axum::Router::new().fallback_service(stack);
//!
//! let without_login = Request::get("/my-package/").body(axum::body::Body::empty()).unwrap();
//! let response = app.oneshot(without_login).await.unwrap();
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "full"))]
//! # fn main() {}
//! ```
//!
//! # Three kinds of part
//!
//! A **gate** admits or refuses a request and never changes what it asks for:
//! [`BasicAuthLayer`], [`JwtScopeLayer`], [`TokenAuthLayer`] and [`SsoLayer`].
//! [`AnyOf`](gate::AnyOf) puts several side by side, [`Optional`](gate::Optional) and
//! [`PublicPaths`](gate::PublicPaths) let some requests through without a login, and
//! [`RequireScopeLayer`](gate::RequireScopeLayer) asks for more than a login. A method of your own is an
//! [`Authenticator`](gate::Authenticator) in a [`GateLayer`](gate::GateLayer). See [`gate`].
//!
//! A **rewrite** changes the request: [`CanonicalPathLayer`], [`StripPrefixLayer`],
//! [`PathTokenLayer`] and [`IndexRewriteLayer`].
//!
//! A **leaf** answers and has no inner service: [`S3Proxy`], [`Health`](health::Health) and
//! [`ResourceMetadata`].
//!
//! [`RequestLimitLayer`] bounds the requests under way: outside of a gate for each client network, inside
//! of it for each identity. See [`limit`].
//!
//! An admitted request carries an [`Identity`](gate::Identity) in its extensions. A refused one is
//! answered with the right status and challenge; the [`RefusalReason`](gate::RefusalReason) is in the
//! extensions of the response, for your log.
//!
//! # The order of a stack
//!
//! limits, request id, log → canonical path → (path token) → routing → gate → index rewrite → leaf → S3
//!
//! [`CanonicalPathLayer`] comes before anything that looks at a path, an axum `Router` included.
//! `Router::layer` runs after routing, so wrap the whole router:
//! `Router::new().fallback_service(CanonicalPathLayer::new().layer(router))`. What is routed,
//! authorised, signed and sent is then the same value: `/%70rivate/x` does not reach the bucket past
//! the gate of `/private`. If the layer is forgotten, the leaf refuses every path that is not
//! canonical. An empty segment stays, because it is part of an object key. Some stores treat `a//b` as
//! `a/b`: do not put an open route beside a guarded one over the same bucket of such a store.
//!
//! The gate comes before the index rewrite, so that it judges the path that the client asked for.
//!
//! A gate inside another gate finds the credential removed and refuses: put both methods into one
//! [`AnyOf`](gate::AnyOf).
//!
//! # Security
//!
//! * Passwords and tokens travel with each request: serve over TLS, or behind something that does.
//! * What only reads cannot write: see [`s3`]. Of a client's request, S3 receives the object key, one range, the
//!   preconditions and the query parameters that you allow, each parsed and spelled anew.
//! * What a gate has admitted is `Cache-Control: private` with `Vary`, whatever the object says.
//! * A page in a bucket runs its scripts in the gateway's origin. If people you do not trust can upload, choose
//!   `HtmlPolicy::Sandbox` or `HtmlPolicy::Attachment`.
//! * Anything that weakens protection has `insecure` in its name.
//!
//! # Features
//!
//! No feature is on by default, and no feature changes what another does.
//!
//! | feature | what it adds |
//! |---|---|
//! | `full` | everything below |
//! | `basic-auth` | [`BasicAuthLayer`] |
//! | `htpasswd` | [`HtpasswdUsers`] |
//! | `jwt` | [`JwtScopeLayer`] with keys in memory, [`ResourceMetadata`] |
//! | `jwks` | [`JwksKeys`], which fetches an issuer's keys |
//! | `token` | [`TokenAuthLayer`], [`PathTokenLayer`] |
//! | `sso` | [`SsoLayer`] |
//! | `redis` | [`RedisSessions`](session::RedisSessions) |
//! | `index-rewrite` | [`IndexRewriteLayer`] |
//! | `error-pages` | [`ErrorPagesLayer`] |
//! | `limit` | [`RequestLimitLayer`] |
//! | `sigv4` | [`aws`]: credentials and the signer, without TLS or an HTTP client |
//! | `aws-config` | [`AwsConfigCredentials`](aws::AwsConfigCredentials) |
//! | `s3-proxy` | [`S3Proxy`], [`Health`](health::Health) and the default HTTPS client |
//! | `simple-index` | [`pypi`]: the formats of a Python package index |
//! | `upload` | [`pypi::archive`]: the judges of wheels and source distributions |
//! | `s3-write` | [`s3::write`]: conditional writes, deletes and uploads in parts |
//! | `metrics` | [`metrics`]: what is counted by the facade of that name |
//! | `axum` | [`extract`]: [`Identity`](gate::Identity) and [`Claims`](extract::Claims) in handlers |
//!
//! [tower]: https://docs.rs/tower
#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(fuzzing))))]

#[macro_use]
mod macros;

#[cfg(any(feature = "error-pages", feature = "sso"))]
mod accept;
mod boxed_future;
mod cache_control;
mod clock;
mod cookies;
mod error;
mod headers;
#[cfg(any(feature = "sso", feature = "token"))]
mod hex;
#[cfg(any(feature = "jwt", feature = "token"))]
mod https_url;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "unmetered.rs"]
mod metrics;
#[cfg(any(feature = "error-pages", feature = "sso"))]
mod page;
#[cfg(any(feature = "jwks", feature = "sigv4"))]
#[cfg_attr(
    not(all(feature = "sigv4", feature = "sso")),
    allow(dead_code, unused_imports, reason = "no single part needs all of it")
)]
mod refresh;
mod secret;
#[cfg(any(feature = "htpasswd", feature = "jwt", feature = "token"))]
mod watched;

pub mod client_address;
pub mod path;
pub mod response;

pub mod gate;

#[cfg(feature = "sigv4")]
pub mod aws;
#[cfg(any(feature = "jwks", feature = "s3-proxy"))]
pub mod upstream;

#[cfg(feature = "s3-proxy")]
pub mod s3;

#[cfg(feature = "htpasswd")]
pub mod htpasswd;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "simple-index")]
pub mod pypi;
#[cfg(feature = "sso")]
pub mod session;
#[cfg(feature = "token")]
pub mod token;

pub mod canonical_path;
pub mod strip_prefix;

#[cfg(feature = "basic-auth")]
pub mod basic_auth;
#[cfg(feature = "error-pages")]
pub mod error_pages;
#[cfg(feature = "axum")]
pub mod extract;
#[cfg(feature = "s3-proxy")]
pub mod health;
#[cfg(feature = "index-rewrite")]
pub mod index_rewrite;
#[cfg(feature = "jwt")]
pub mod jwt_scope;
#[cfg(feature = "limit")]
pub mod limit;
#[cfg(feature = "token")]
pub mod path_token;
#[cfg(feature = "jwt")]
pub mod resource_metadata;
#[cfg(feature = "s3-proxy")]
pub mod s3_proxy;
#[cfg(feature = "sso")]
pub mod sso;
#[cfg(feature = "token")]
pub mod token_auth;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use self::canonical_path::CanonicalPathLayer;
pub use self::clock::{Clock, SystemClock};
pub use self::error::ConfigError;
pub use self::secret::Secret;
pub use self::strip_prefix::StripPrefixLayer;

#[cfg(feature = "basic-auth")]
pub use self::basic_auth::BasicAuthLayer;
#[cfg(feature = "error-pages")]
pub use self::error_pages::ErrorPagesLayer;
#[cfg(feature = "htpasswd")]
pub use self::htpasswd::HtpasswdUsers;
#[cfg(feature = "index-rewrite")]
pub use self::index_rewrite::IndexRewriteLayer;
#[cfg(feature = "jwks")]
pub use self::jwt::jwks::JwksKeys;
#[cfg(feature = "jwt")]
pub use self::jwt_scope::JwtScopeLayer;
#[cfg(feature = "limit")]
pub use self::limit::RequestLimitLayer;
#[cfg(feature = "token")]
pub use self::path_token::PathTokenLayer;
#[cfg(feature = "jwt")]
pub use self::resource_metadata::ResourceMetadata;
#[cfg(feature = "s3-proxy")]
pub use self::s3_proxy::S3Proxy;
#[cfg(feature = "sso")]
pub use self::sso::SsoLayer;
#[cfg(feature = "token")]
pub use self::token_auth::TokenAuthLayer;

// Compiles the examples of the README.
#[cfg(all(doctest, feature = "full"))]
#[doc = include_str!("../README.md")]
struct Readme;
