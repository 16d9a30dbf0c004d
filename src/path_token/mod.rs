//! Tokens in the path, where conda clients put them.
//!
//! A conda channel URL has its token as `https://host/t/<token>/conda/main`, or, with `channel_alias`
//! and `custom_channels`, as `https://host/conda/t/<token>/main`. [`PathTokenLayer`] takes it out:
//!
//! 1. The two segments are removed from the path at the root, and after each mount that
//!    [`with_mount`](PathTokenLayer::with_mount) names, so that routing, gate and leaf see
//!    `/conda/main`. Query and authority stay as they are. Where nothing is left, the path is `/`.
//! 2. The token is set aside as a [`TokenFromPath`](crate::gate::TokenFromPath), which a method takes by
//!    [`Carrier::path_token`](crate::gate::Carrier::path_token). Whether it is good is for that method
//!    to say.
//! 3. A `Referer` that has a token is removed from the request, and the answer says
//!    `Referrer-Policy: no-referrer`.
//! 4. A path without a token there goes on as it is.
//!
//! Refused with `400 Bad Request` is an empty token, one that is not of letters, digits and `-` (conda
//! sends no others), and a second one. The [`RefusalReason`](crate::gate::RefusalReason) is in the
//! extensions of the response, and names no token.
//!
//! # Deployment caveats
//!
//! * It stands inside [`CanonicalPathLayer`](crate::CanonicalPathLayer), which makes `/%74/x` the
//!   path `/t/x`, and outside of routing, as that does: see there for axum's `Router::layer`.
//! * Nothing else can be at `/t/…`, at the root and after these mounts.
//! * What stands outside, such as an access log, sees the target as it was sent: write it by
//!   [`Redacted`].
//! * Where an axum router stands outside, axum's `OriginalUri` in the extensions still has the token,
//!   as has every log and trace made by that router's layers.
//! * URLs end up in histories, lock files and the logs of proxies. Let such tokens read alone, and
//!   expire.
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
