use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;

use crate::response::ResponseBody;

/// The response future of [`S3Proxy`](super::S3Proxy).
pub struct ResponseFuture<B> {
    kind: Kind<B>,
}

enum Kind<B> {
    Answer(Option<Response<Bytes>>),
    // Boxed because one request to S3 may lead to another, which only an `async` block tells
    // legibly, and its type has no name.
    Reading(Pin<Box<dyn Future<Output = Response<ResponseBody<B>>> + Send>>),
}

impl<B> ResponseFuture<B> {
    pub(super) fn answer(response: Response<Bytes>) -> Self {
        Self {
            kind: Kind::Answer(Some(response)),
        }
    }

    pub(super) fn reading(
        response: impl Future<Output = Response<ResponseBody<B>>> + Send + 'static,
    ) -> Self {
        Self {
            kind: Kind::Reading(Box::pin(response)),
        }
    }
}

impl<B> Future for ResponseFuture<B> {
    type Output = Result<Response<ResponseBody<B>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.kind {
            Kind::Answer(response) => {
                let response = response.take();
                let response = response.expect("the future was polled after it had completed");
                Poll::Ready(Ok(response.map(ResponseBody::short)))
            }
            Kind::Reading(future) => future.as_mut().poll(cx).map(Ok),
        }
    }
}

impl<B> fmt::Debug for ResponseFuture<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
