use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::future::ResponseFuture;
use super::pages::Pages;
use super::visitor::Visitor;
use crate::response::ResponseBody;

/// Replaces short refusals by pages, for people.
///
/// See the [module docs](crate::error_pages) for the responses that are replaced.
#[derive(Clone, Debug)]
#[must_use]
pub struct ErrorPages<S> {
    inner: S,
    pages: Pages,
}

impl<S> ErrorPages<S> {
    /// Wraps `inner`, with the pages of this crate.
    pub fn new(inner: S) -> Self {
        Self::with(inner, Pages::default())
    }

    pub(super) fn with(inner: S, pages: Pages) -> Self {
        Self { inner, pages }
    }

    inner_service_accessors!();
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ErrorPages<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, body) = request.into_parts();
        let visitor = Visitor::of(&head);
        let request = Request::from_parts(head, body);
        ResponseFuture::new(self.inner.call(request), visitor, self.pages.clone())
    }
}
