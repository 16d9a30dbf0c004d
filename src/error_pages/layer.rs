use bytes::Bytes;
use http::Response;
use tower_layer::Layer;

use super::page::ErrorPage;
use super::pages::Pages;
use super::service::ErrorPages;

/// Layer that applies [`ErrorPages`].
///
/// See the [module docs](crate::error_pages) for the responses that are replaced.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ErrorPagesLayer {
    pages: Pages,
}

impl ErrorPagesLayer {
    /// Creates the layer, with the pages of this crate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Passes each page through `pages` before it is sent.
    ///
    /// The closure gets the content of the page and the default response, and returns the one whose body is
    /// sent. Its headers replace those of the refusal, except that a `Content-Security-Policy` is added. Its
    /// status has no effect.
    pub fn with_pages<F>(self, pages: F) -> Self
    where
        F: Fn(&ErrorPage, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        let pages = Pages::replaced_by(pages);
        Self { pages }
    }
}

impl ErrorPages<()> {
    /// The layer that makes this service.
    pub fn layer() -> ErrorPagesLayer {
        ErrorPagesLayer::new()
    }
}

impl<S> Layer<S> for ErrorPagesLayer {
    type Service = ErrorPages<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ErrorPages::with(inner, self.pages.clone())
    }
}
