use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};

use super::error::FetchError;

/// The client for answers that are small and read whole, such as the keys of an issuer.
///
/// [`ReqwestClient`](super::ReqwestClient) is the default. Who brings another one sees to it that
/// certificates are verified. What calls it holds the rest: the time limit, which redirects are
/// followed, and which status is taken.
pub trait FetchClient: fmt::Debug + Send + Sync + 'static {
    /// Sends one request and reads the answer, whatever its status is.
    ///
    /// A redirect is not followed, a body not decoded, and no cookie kept. Of a longer body than
    /// `max_bytes` no more is read: that is [`FetchError::too_large`].
    fn fetch(&self, request: Request<Bytes>, max_bytes: usize) -> FetchFuture<'_>;
}

impl<C: FetchClient + ?Sized> FetchClient for Arc<C> {
    fn fetch(&self, request: Request<Bytes>, max_bytes: usize) -> FetchFuture<'_> {
        (**self).fetch(request, max_bytes)
    }
}

/// The future of a [`FetchClient`].
pub struct FetchFuture<'a> {
    // Boxed because the client is a trait object.
    answer: Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchError>> + Send + 'a>>,
}

impl<'a> FetchFuture<'a> {
    /// The answer, as it will come.
    #[must_use]
    pub fn new(
        answer: impl Future<Output = Result<Response<Bytes>, FetchError>> + Send + 'a,
    ) -> Self {
        Self {
            answer: Box::pin(answer),
        }
    }
}

impl Future for FetchFuture<'_> {
    type Output = Result<Response<Bytes>, FetchError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.answer.as_mut().poll(cx)
    }
}

impl fmt::Debug for FetchFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FetchFuture")
    }
}
