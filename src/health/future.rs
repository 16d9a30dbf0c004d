use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;

/// The response future of [`Health`](super::Health).
pub struct ResponseFuture {
    // Boxed because asking S3 is an `async` block, whose type has no name.
    response: Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>,
}

impl ResponseFuture {
    pub(super) fn new(response: impl Future<Output = Response<Bytes>> + Send + 'static) -> Self {
        Self {
            response: Box::pin(response),
        }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = self.response.as_mut().poll(cx);
        response.map(|response| Ok(response.map(Full::new)))
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
