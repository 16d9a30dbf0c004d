use std::convert::Infallible;

use http::Response;

use crate::response::ResponseBody;

boxed_future! {
    /// The response future of [`S3Proxy`](super::S3Proxy).
    pub struct ResponseFuture<B>: 'static -> Result<Response<ResponseBody<B>>, Infallible>;
    pub(super) fn new;
    pub(super) fn ready;
}
