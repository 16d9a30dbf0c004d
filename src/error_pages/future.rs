use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::pages::Pages;
use super::visitor::Visitor;
use crate::response::ResponseBody;

pin_project! {
    /// The response future of [`ErrorPages`](super::ErrorPages).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        visitor: Visitor,
        pages: Pages,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, visitor: Visitor, pages: Pages) -> Self {
        Self {
            inner,
            visitor,
            pages,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        Poll::Ready(Ok(this.visitor.dress(this.pages, response)))
    }
}
