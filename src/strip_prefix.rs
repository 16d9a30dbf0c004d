//! The path below a mount.
//!
//! [`StripPrefixLayer`] removes the path of a mount from the front of a request's path, so that a leaf
//! that is mounted at `/conda` sees `/main/noarch/` for `/conda/main/noarch/`:
//!
//! 1. The prefix is compared as whole segments, in the canonical spelling: `/conda` is no prefix of
//!    `/condas/x`, nor of `/Conda/x`. The rest keeps its first slash, and empty segments stay. Query,
//!    method, headers and body are not changed.
//! 2. An [`AlternatePath`] and a [`FolderRedirect`] in the extensions, which an index rewrite further out has
//!    set, are stripped as well. If one is not below the prefix, it is removed, so that it never names an
//!    object outside of the mount.
//! 3. The prefix `/` changes nothing.
//!
//! Refused with `404 Not Found` and a short text is a path that is not below the prefix. The prefix
//! itself without a slash at its end is such a path: as in a bucket, `/conda` is not `/conda/`. The
//! [`PathError`] is in the extensions of the response. With
//! [`with_slash_redirect`](StripPrefixLayer::with_slash_redirect), a GET or HEAD of it is answered with 302
//! and a relative `Location`, `./conda/`.
//!
//! # Deployment caveats
//!
//! * It stands inside [`CanonicalPathLayer`](crate::CanonicalPathLayer), which makes `/%63onda/x` the
//!   path `/conda/x`. Without it, the other spelling is not found.
//! * It stands inside the gate and [`PathTokenLayer`](crate::PathTokenLayer), which judge the path that
//!   the client asked for.
//! * axum's `Router::nest_service` strips the path of the nest itself: use `Router::route_service` with
//!   this layer, or `nest_service` without it. A nest at `/docs` turns `/docs` into `/`, and the relative links
//!   of the page that is served there are broken. With the routes `/docs`, `/docs/` and `/docs/{*rest}`
//!   instead, this layer can redirect.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::{BodyExt, Full};
//! use portcullis::StripPrefixLayer;
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut service = ServiceBuilder::new()
//!     .layer(StripPrefixLayer::new("/conda")?)
//!     .service(service_fn(|request: Request<()>| async move {
//!         Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(request.uri().to_string())))
//!     }));
//!
//! let request = Request::get("/conda/main/noarch/?q=1").body(())?;
//! let response = service.ready().await?.call(request).await?;
//! assert_eq!(response.into_body().collect().await?.to_bytes(), "/main/noarch/?q=1");
//!
//! let request = Request::get("/condas/main/noarch/").body(())?;
//! let response = service.ready().await?.call(request).await?;
//! assert_eq!(response.status(), StatusCode::NOT_FOUND);
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::ConfigError;
use crate::path::{
    AlternatePath, FolderRedirect, PathError, PathErrorKind, RequestPath, folder_location,
    replace_path,
};
use crate::response::{ResponseBody, ResponseFuture, short_text, to_folder};

/// Layer that applies [`StripPrefix`].
///
/// See the [module docs](crate::strip_prefix) for what is stripped and what is refused.
#[derive(Clone, Debug)]
#[must_use]
pub struct StripPrefixLayer {
    prefix: Prefix,
}

impl StripPrefixLayer {
    /// Strips this path, in any spelling that a request could have, with or without a slash at its end.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the path cannot stand in a request (see [`crate::path`]) or has an
    /// empty segment.
    pub fn new(prefix: &str) -> Result<Self, ConfigError> {
        Prefix::parse(prefix).map(|prefix| Self { prefix })
    }

    /// Redirects a GET or HEAD of the prefix without a slash to the prefix with one.
    pub fn with_slash_redirect(mut self) -> Self {
        self.prefix.redirects = true;
        self
    }
}

impl<S> Layer<S> for StripPrefixLayer {
    type Service = StripPrefix<S>;

    fn layer(&self, inner: S) -> Self::Service {
        let prefix = self.prefix.clone();
        StripPrefix { inner, prefix }
    }
}

/// Passes requests on with the path below a prefix.
///
/// See the [module docs](crate::strip_prefix) for what is stripped and what is refused.
#[derive(Clone, Debug)]
#[must_use]
pub struct StripPrefix<S> {
    inner: S,
    prefix: Prefix,
}

impl<S> StripPrefix<S> {
    /// Wraps `inner`.
    ///
    /// # Errors
    ///
    /// As [`StripPrefixLayer::new`].
    pub fn new(inner: S, prefix: &str) -> Result<Self, ConfigError> {
        Prefix::parse(prefix).map(|prefix| Self { inner, prefix })
    }

    inner_service_accessors!();
}

impl StripPrefix<()> {
    /// The layer that makes this service.
    ///
    /// # Errors
    ///
    /// As [`StripPrefixLayer::new`].
    pub fn layer(prefix: &str) -> Result<StripPrefixLayer, ConfigError> {
        StripPrefixLayer::new(prefix)
    }
}

/// A canonical path without its final slash, so that the root is empty.
#[derive(Clone, Debug)]
struct Prefix {
    path: Arc<str>,
    redirects: bool,
}

impl Prefix {
    fn parse(prefix: &str) -> Result<Self, ConfigError> {
        let refuse = |problem: &str| ConfigError::new("prefix", format!("{prefix:?}: {problem}"));
        let parsed = RequestPath::parse(prefix).map_err(|error| refuse(&error.to_string()))?;
        let path = parsed.as_str();
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.contains("//") || path.ends_with('/') {
            return Err(refuse("the path has an empty segment"));
        }
        Ok(Self {
            path: path.into(),
            redirects: false,
        })
    }

    /// The path below the prefix, with its slash.
    fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let below = path.strip_prefix(&*self.path)?;
        below.starts_with('/').then_some(below)
    }

    fn strip_uri(&self, uri: &Uri) -> Result<Uri, PathError> {
        let below = self.strip(uri.path());
        let below = below.ok_or_else(|| PathError::new(PathErrorKind::NotBelowPrefix))?;
        replace_path(uri, below)
    }

    fn apply<B>(&self, request: &mut Request<B>) -> Result<(), PathError> {
        if self.path.is_empty() {
            // A target without a path, such as `*`, is left to the leaf.
            return Ok(());
        }
        *request.uri_mut() = self.strip_uri(request.uri())?;
        let extensions = request.extensions_mut();
        if let Some(alternate) = extensions.remove::<AlternatePath>()
            && let Some(below) = self.strip(alternate.as_str())
        {
            extensions.insert(AlternatePath::new(below));
        }
        if let Some(redirect) = extensions.remove::<FolderRedirect>()
            && let Some(below) = self.strip(redirect.index())
        {
            extensions.insert(FolderRedirect::new(below, redirect.location().clone()));
        }
        Ok(())
    }

    /// Where a request for the prefix itself is redirected to.
    fn redirect<B>(&self, request: &Request<B>) -> Option<HeaderValue> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_prefix = request.uri().path() == &*self.path;
        let redirects = self.redirects && is_read && is_prefix;
        redirects.then(|| folder_location(request.uri())).flatten()
    }
}

fn not_found(error: PathError) -> Response<Bytes> {
    let mut response = short_text(StatusCode::NOT_FOUND, "");
    response.extensions_mut().insert(error);
    response
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for StripPrefix<S>
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
        if let Some(location) = self.prefix.redirect(&request) {
            return ResponseFuture::answer(request.method(), to_folder(location));
        }
        match self.prefix.apply(&mut request) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(error) => ResponseFuture::answer(request.method(), not_found(error)),
        }
    }
}
