use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use portcullis::sso::{Page, PageKind};

use super::endpoint::Body;

/// What the OAuth streaming proxy answers in place of a page.
pub(crate) fn as_the_streaming_proxy(page: &Page, response: Response<Bytes>) -> Response<Bytes> {
    let status = match page.kind() {
        // It looks for a code and a state, and at nothing else that the provider says.
        PageKind::Malformed | PageKind::Denied => StatusCode::BAD_REQUEST,
        PageKind::Failed => match page.provider_status() {
            Some(status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => status,
            Some(_) => StatusCode::INTERNAL_SERVER_ERROR,
            // It would send the person to the provider, and again at once.
            None => return response,
        },
        _ => return response,
    };
    emptied(status, response.map(|_| Bytes::new()))
}

/// It has one answer for all trouble, at the provider, at Redis and at S3.
pub(super) fn all_trouble_alike(response: Response<Body>) -> Response<Body> {
    if !response.status().is_server_error() {
        return response;
    }
    let nothing = Empty::new().map_err(|never| match never {}).boxed_unsync();
    emptied(StatusCode::INTERNAL_SERVER_ERROR, response.map(|_| nothing))
}

fn emptied<B>(status: StatusCode, mut response: Response<B>) -> Response<B> {
    *response.status_mut() = status;
    for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_SECURITY_POLICY] {
        response.headers_mut().remove(name);
    }
    response
}
