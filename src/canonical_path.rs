//! Canonical paths, before any other part sees them.
//!
//! [`CanonicalPathLayer`] belongs outside everything that reads a path: routing, gates, rewrites and
//! leaves. It rewrites the path of the [`Uri`] to its canonical spelling and changes nothing else, so
//! `/%70rivate/x` and `/./private/x` reach the mount `/private` and its gate.
//!
//! Paths that [`crate::path`] lists are refused with `400 Bad Request` and a short text: a segment `..`, a
//! control byte, a backslash, a bad escape or bytes that are not UTF-8, in any encoding, and a target
//! without a path (`OPTIONS *`). If escapes make the target too long, the answer is `414 URI Too Long`.
//! The [`PathError`] is in the extensions of the response.
//!
//! # Deployment caveat
//!
//! axum's `Router::layer` runs *after* routing. Wrap the whole router instead:
//! `Router::new().fallback_service(CanonicalPathLayer::new().layer(router))`; the outer router has no
//! routes and converts the body to the one that `axum::serve` takes. Routes are matched against the
//! canonical spelling: write `/%40scope`, not `/@scope`.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use portcullis::CanonicalPathLayer;
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut service = ServiceBuilder::new()
//!     .layer(CanonicalPathLayer::new())
//!     .service(service_fn(|request: Request<()>| async move {
//!         Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(request.uri().to_string())))
//!     }));
//!
//! let request = Request::get("/%70rivate/x?q=%70").body(()).unwrap();
//! let response = service.ready().await.unwrap().call(request).await.unwrap();
//! assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "/private/x?q=%70");
//!
//! let request = Request::get("/public/..%2Fprivate/x").body(()).unwrap();
//! let response = service.ready().await.unwrap().call(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::BAD_REQUEST);
//! # }
//! ```

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use tower_layer::Layer;
use tower_service::Service;

use crate::path::{PathError, PathErrorKind, RequestPath, replace_path};
use crate::response::{ResponseBody, ResponseFuture, short_text};

/// Layer that applies [`CanonicalPath`].
///
/// See the [module docs](crate::canonical_path) for the paths that pass and those that are refused.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
#[non_exhaustive]
pub struct CanonicalPathLayer;

impl CanonicalPathLayer {
    /// Creates the layer, which has no settings.
    pub fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for CanonicalPathLayer {
    type Service = CanonicalPath<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CanonicalPath::new(inner)
    }
}

/// Passes requests on with their path in its canonical spelling.
///
/// See the [module docs](crate::canonical_path) for the paths that pass and those that are refused.
#[derive(Clone, Debug)]
#[must_use]
pub struct CanonicalPath<S> {
    inner: S,
}

impl<S> CanonicalPath<S> {
    /// Wraps `inner`.
    pub fn new(inner: S) -> Self {
        Self { inner }
    }

    inner_service_accessors!();
}

impl CanonicalPath<()> {
    /// The layer that makes this service.
    pub fn layer() -> CanonicalPathLayer {
        CanonicalPathLayer::new()
    }
}

/// The target with a canonical path, or `None` if it has one.
fn canonical_target(uri: &Uri) -> Result<Option<Uri>, PathError> {
    let path = RequestPath::parse(uri.path())?;
    if path.was_canonical() {
        return Ok(None);
    }
    replace_path(uri, path.as_str()).map(Some)
}

fn refusal(error: PathError) -> Response<Bytes> {
    let status = match error.kind() {
        PathErrorKind::TooLong => StatusCode::URI_TOO_LONG,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = short_text(status, &error.to_string());
    response.extensions_mut().insert(error);
    response
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for CanonicalPath<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match canonical_target(request.uri()) {
            Ok(rewritten) => {
                if let Some(uri) = rewritten {
                    *request.uri_mut() = uri;
                }
                ResponseFuture::inner(self.inner.call(request))
            }
            Err(error) => ResponseFuture::answer(request.method(), refusal(error)),
        }
    }
}
