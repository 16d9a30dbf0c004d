use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::error::FetchError;

/// A client for small answers that are read whole, such as the keys of an issuer.
///
/// [`ReqwestClient`](super::ReqwestClient) is the default. An implementation must verify certificates. Its
/// caller does the rest: it limits the time, follows redirects and judges the status.
pub trait FetchClient: fmt::Debug + Send + Sync + 'static {
    /// Sends one request and reads the answer, whatever its status is.
    ///
    /// It must not follow a redirect, decode a body or keep a cookie. It stops reading a body that is longer
    /// than `max_bytes`, and fails with [`FetchError::too_large`].
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
