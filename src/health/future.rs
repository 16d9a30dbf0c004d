use std::convert::Infallible;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;

boxed_future! {
    /// The response future of [`Health`](super::Health).
    pub struct ResponseFuture: 'static -> Result<Response<Full<Bytes>>, Infallible>;
    pub(super) fn new;
}
