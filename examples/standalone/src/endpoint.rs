//! The service that a path is routed to, with its type erased.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use portcullis::response::{answer_to, short_text};
use tower::util::BoxCloneSyncService;

use crate::error_chain::BoxError;

/// The body of a response of any part.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A service with its type erased, since mounts differ in theirs.
pub(crate) type Endpoint<B> = BoxCloneSyncService<Request<B>, Response<Body>, Infallible>;

pub(crate) fn boxed<B>(response: Response<B>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}

/// A text that is not to be kept.
pub(crate) fn text(method: &Method, text: String) -> Response<Body> {
    let mut response = short_text(StatusCode::OK, "");
    *response.body_mut() = Bytes::from(text);
    boxed(answer_to(method, response).map(Full::new))
}

/// A short response that names its status.
pub(crate) fn status_text(method: &Method, status: StatusCode) -> Response<Body> {
    boxed(answer_to(method, short_text(status, "")).map(Full::new))
}
