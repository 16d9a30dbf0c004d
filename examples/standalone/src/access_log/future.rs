use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::LoggedBody;
use super::entry::Entry;

pin_project! {
    /// The response future of [`AccessLog`](super::service::AccessLog).
    pub(crate) struct ResponseFuture<F> {
        #[pin]
        inner: F,
        // Dropped with the future if the client goes away before the response begins.
        entry: Option<Entry>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, entry: Entry) -> Self {
        Self {
            inner,
            entry: Some(entry),
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<LoggedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        let entry = this
            .entry
            .take()
            .expect("the future was polled after it had completed");
        Poll::Ready(Ok(LoggedBody::wrap(response, entry)))
    }
}
