//! Tokens in the path, where conda clients put them.
//!
//! A conda channel URL has its token as `https://host/t/<token>/conda/main`, or, with `channel_alias`
//! and `custom_channels`, as `https://host/conda/t/<token>/main`. [`PathTokenLayer`] removes it:
//!
//! 1. The two segments are removed from the path at the root, and after each mount that
//!    [`with_mount`](PathTokenLayer::with_mount) names, so that routing, gate and leaf see
//!    `/conda/main`. Query and authority are not changed. If nothing is left, the path is `/`.
//! 2. The token is kept in the request's extensions as a [`TokenFromPath`](crate::gate::TokenFromPath). A
//!    method with [`Carrier::path_token`](crate::gate::Carrier::path_token) finds it there and verifies
//!    it.
//! 3. A `Referer` that has a token is removed from the request, and the answer has
//!    `Referrer-Policy: no-referrer`.
//! 4. A path without a token in these places is not changed.
//!
//! An empty token, a token with other characters than letters, digits and `-` (conda sends no others) and
//! a second token are refused with `400 Bad Request`. The [`RefusalReason`](crate::gate::RefusalReason)
//! is in the extensions of the response and does not repeat the token.
//!
//! # Deployment caveats
//!
//! * It belongs inside [`CanonicalPathLayer`](crate::CanonicalPathLayer), which turns `/%74/x` into `/t/x`,
//!   and outside of routing, like that layer: see its page for axum's `Router::layer`.
//! * Nothing else can be served at `/t/…`, at the root and after these mounts.
//! * Parts further out, such as an access log, see the target with the token: write it with
//!   [`Redacted`].
//! * If an axum router is further out, axum's `OriginalUri` in the extensions still has the token, and so
//!   do the logs and traces of that router's layers.
//! * URLs end up in histories, lock files and the logs of proxies. Give such tokens an expiry, and only
//!   the permission to read.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::gate::Carrier;
//! use portcullis::token::{Lookup, TokenDigest, TokenFormat, TokenRecord, TokenStore, Tokens};
//! use portcullis::{CanonicalPathLayer, PathTokenLayer, TokenAuthLayer};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # struct OneToken(TokenDigest);
//! # impl TokenStore for OneToken {
//! #     fn find(&self, digest: &TokenDigest) -> Lookup {
//! #         Lookup::Now(Ok((self.0 == *digest).then(|| TokenRecord::new("ci"))))
//! #     }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let token = TokenFormat::default().generate();
//! # let token = token.expose();
//! # let store = OneToken(TokenDigest::of(token));
//! let gate = TokenAuthLayer::new("channels", Tokens::new(store))?
//!     .with_carriers([Carrier::bearer(), Carrier::path_token()])?;
//! let mut service = ServiceBuilder::new()
//!     .layer(CanonicalPathLayer::new())
//!     .layer(PathTokenLayer::new().with_mount("/conda")?)
//!     .layer(gate)
//!     .service(service_fn(|request: Request<()>| async move {
//!         Ok::<_, Infallible>(Response::new(request.uri().path().to_owned()))
//!     }));
//!
//! for target in [format!("/t/{token}/conda/main"), format!("/conda/t/{token}/main")] {
//!     let response = service.ready().await?.call(Request::get(target).body(())?).await?;
//!     assert_eq!(response.status(), StatusCode::OK);
//!     assert_eq!(response.headers()["referrer-policy"], "no-referrer");
//! }
//!
//! let request = Request::get("/t/not-ours/conda/main").body(())?;
//! let response = service.ready().await?.call(request).await?;
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```

mod future;
mod layer;
mod mounts;
mod redacted;
mod service;

pub use self::future::ResponseFuture;
pub use self::layer::PathTokenLayer;
pub use self::redacted::Redacted;
pub use self::service::PathToken;
