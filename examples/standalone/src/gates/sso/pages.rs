use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use portcullis::sso::{Page, PageKind};

use crate::endpoint::Body;

/// Replaces a page by the response of the OAuth streaming proxy.
pub(super) fn as_the_streaming_proxy(page: &Page, response: Response<Bytes>) -> Response<Bytes> {
    let status = match page.kind() {
        // That proxy reads the code and the state of a redirect, and no error.
        PageKind::Malformed | PageKind::Denied => StatusCode::BAD_REQUEST,
        PageKind::Failed => match page.provider_status() {
            Some(status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => status,
            Some(_) => StatusCode::INTERNAL_SERVER_ERROR,
            // That proxy would redirect to the provider, in a loop.
            None => return response,
        },
        _ => return response,
    };
    emptied(status, response.map(|_| Bytes::new()))
}

/// Makes every 5xx a 500: that proxy has one response for all failures of the provider, Redis and S3.
pub(crate) fn all_trouble_alike(response: Response<Body>) -> Response<Body> {
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
