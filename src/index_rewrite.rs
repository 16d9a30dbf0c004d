//! The index document of a folder.
//!
//! [`IndexRewriteLayer`] appends the name of the index document to a path that ends in `/`, so that a
//! store of objects answers for folders: `/simple/pkg/` becomes `/simple/pkg/index.html`. Other paths,
//! methods, queries, headers and bodies are not changed. No request is refused. An [`IndexDocument`] in the
//! request's extensions lets `S3Proxy` send a page that was stored without a type as `text/html`.
//!
//! Three switches:
//!
//! 1. [`with_folder_object`](IndexRewriteLayer::with_folder_object) keeps the path of the
//!    folder as an [`AlternatePath`] in the request's extensions. s3pypi stores an index page under
//!    `<name>/index.html` or under the key `<name>/`; with this switch `S3Proxy` serves both.
//! 2. [`with_folder_redirect`](IndexRewriteLayer::with_folder_redirect) puts a [`FolderRedirect`] into the
//!    extensions of a GET or HEAD of `/docs`. If there is no such object, but `docs/index.html`, `S3Proxy`
//!    redirects to the folder, with 302 and a relative `Location`, `./docs/`. Each missing object costs one
//!    more request to S3.
//! 3. [`with_slash_redirect`](IndexRewriteLayer::with_slash_redirect) answers GET and HEAD for a path
//!    whose last segment has no dot, such as `/docs`, with 301 and a relative `Location`, `./docs/`.
//!    It is right below any mount and behind any proxy. With it, objects whose name has no dot cannot be
//!    reached.
//!
//! # Deployment caveat
//!
//! It belongs inside the gate, which judges the path that the client asked for, and inside
//! [`CanonicalPathLayer`](crate::CanonicalPathLayer), which makes `/docs%2F` the folder `/docs/`.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response};
//! use portcullis::IndexRewriteLayer;
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut service = ServiceBuilder::new()
//!     .layer(IndexRewriteLayer::new())
//!     .service(service_fn(|request: Request<()>| async move {
//!         Ok::<_, Infallible>(Response::new(request.uri().to_string()))
//!     }));
//! # macro_rules! get { ($path:expr) => {
//! #     format!("{:?}", service.ready().await.unwrap()
//! #         .call(Request::get($path).body(()).unwrap()).await.unwrap().into_body())
//! # } }
//! assert!(get!("/simple/pkg/?q=1").contains("/simple/pkg/index.html?q=1"));
//! assert!(get!("/simple/pkg").contains("/simple/pkg\""));
//! # }
//! ```

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use tower_layer::Layer;
use tower_service::Service;

use crate::error::ConfigError;
use crate::path::{
    AlternatePath, FolderRedirect, IndexDocument, RequestPath, folder_location, replace_path,
};
use crate::response::{ResponseBody, ResponseFuture, short_text};

/// Layer that applies [`IndexRewrite`].
///
/// See the [module docs](crate::index_rewrite) for the rewritten paths.
#[derive(Clone, Debug)]
#[must_use]
pub struct IndexRewriteLayer {
    rules: Arc<Rules>,
}

#[derive(Clone, Debug)]
struct Rules {
    document: String,
    offers_folder_object: bool,
    redirects_to_folder: bool,
    redirects_to_slash: bool,
}

impl Default for IndexRewriteLayer {
    fn default() -> Self {
        let document = String::from("index.html");
        let rules = Rules {
            document,
            offers_folder_object: false,
            redirects_to_folder: false,
            redirects_to_slash: false,
        };
        Self {
            rules: Arc::new(rules),
        }
    }
}

impl IndexRewriteLayer {
    /// Creates the layer, with the index document `index.html` and all switches off.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the index document.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the name is empty, has a slash, or is not allowed in a path: see
    /// [`crate::path`].
    pub fn with_index_document(mut self, name: &str) -> Result<Self, ConfigError> {
        let path = format!("/{}", name.replace('%', "%25"));
        let document = RequestPath::parse(&path)
            .ok()
            .map(RequestPath::into_string)
            .filter(|path| path.len() > 1 && !name.contains('/'))
            .ok_or_else(|| ConfigError::new("index document", format!("{name:?} is not a name")))?;
        document[1..].clone_into(&mut Arc::make_mut(&mut self.rules).document);
        Ok(self)
    }

    /// Keeps the path of the folder as an [`AlternatePath`].
    pub fn with_folder_object(mut self) -> Self {
        Arc::make_mut(&mut self.rules).offers_folder_object = true;
        self
    }

    /// Redirects `/docs` to `/docs/` if there is no such object, but an index document in the folder.
    pub fn with_folder_redirect(mut self) -> Self {
        Arc::make_mut(&mut self.rules).redirects_to_folder = true;
        self
    }

    /// Redirects `/docs` to `/docs/`.
    pub fn with_slash_redirect(mut self) -> Self {
        Arc::make_mut(&mut self.rules).redirects_to_slash = true;
        self
    }
}

impl<S> Layer<S> for IndexRewriteLayer {
    type Service = IndexRewrite<S>;

    fn layer(&self, inner: S) -> Self::Service {
        IndexRewrite {
            inner,
            rules: Arc::clone(&self.rules),
        }
    }
}

/// Turns requests for a folder into requests for its index document.
///
/// See the [module docs](crate::index_rewrite) for the rewritten paths.
#[derive(Clone, Debug)]
#[must_use]
pub struct IndexRewrite<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S> IndexRewrite<S> {
    /// Wraps `inner`, with the defaults of [`IndexRewriteLayer::new`].
    pub fn new(inner: S) -> Self {
        IndexRewriteLayer::new().layer(inner)
    }

    inner_service_accessors!();
}

impl IndexRewrite<()> {
    /// The layer that makes this service.
    pub fn layer() -> IndexRewriteLayer {
        IndexRewriteLayer::new()
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Pass,
    Rewrite {
        target: Uri,
        alternate: Option<AlternatePath>,
    },
    Offer(FolderRedirect),
    Redirect(HeaderValue),
}

impl Rules {
    fn decide(&self, method: &Method, uri: &Uri) -> Outcome {
        // Only a literal slash: `CanonicalPathLayer` has turned `%2F` into one.
        let path = uri.path();
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let outcome = if path.ends_with('/') {
            self.rewrite(uri)
        } else if is_read && self.redirects_to_slash {
            redirect(uri).or_else(|| self.offer(uri))
        } else if is_read {
            self.offer(uri)
        } else {
            None
        };
        outcome.unwrap_or(Outcome::Pass)
    }

    fn offer(&self, uri: &Uri) -> Option<Outcome> {
        if !self.redirects_to_folder {
            return None;
        }
        let index = [uri.path(), "/", &self.document].concat();
        let redirect = FolderRedirect::new(index, folder_location(uri)?);
        Some(Outcome::Offer(redirect))
    }

    /// `None` if the new path is too long; the leaf refuses the old one as well.
    fn rewrite(&self, uri: &Uri) -> Option<Outcome> {
        let document = [uri.path(), &self.document].concat();
        let target = replace_path(uri, &document).ok()?;
        let alternate = self
            .offers_folder_object
            .then(|| AlternatePath::new(uri.path()));
        Some(Outcome::Rewrite { target, alternate })
    }
}

fn redirect(uri: &Uri) -> Option<Outcome> {
    let location = folder_location(uri)?;
    // An encoded dot is a dot.
    let path = RequestPath::parse(uri.path()).ok()?;
    let (_, name) = path.as_str().rsplit_once('/')?;
    (!name.contains('.')).then_some(Outcome::Redirect(location))
}

fn moved(location: HeaderValue) -> Response<Bytes> {
    let mut response = short_text(StatusCode::MOVED_PERMANENTLY, "");
    response.headers_mut().insert(LOCATION, location);
    response
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for IndexRewrite<S>
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
        match self.rules.decide(request.method(), request.uri()) {
            Outcome::Pass => {}
            Outcome::Redirect(location) => {
                return ResponseFuture::answer(request.method(), moved(location));
            }
            Outcome::Offer(redirect) => {
                request.extensions_mut().insert(redirect);
            }
            Outcome::Rewrite { target, alternate } => {
                *request.uri_mut() = target;
                request.extensions_mut().insert(IndexDocument::new());
                if let Some(alternate) = alternate {
                    request.extensions_mut().insert(alternate);
                }
            }
        }
        ResponseFuture::inner(self.inner.call(request))
    }
}
