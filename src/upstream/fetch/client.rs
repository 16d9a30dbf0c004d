use std::fmt;
use std::sync::Arc;

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

boxed_future! {
    /// The future of a [`FetchClient`].
    pub struct FetchFuture<'a>: 'a -> Result<Response<Bytes>, FetchError>;
    pub fn new;
}
