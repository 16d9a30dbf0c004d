use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};

use super::readiness::Verdict;
use crate::response::short_text;

pub(super) fn not_allowed() -> Response<Bytes> {
    let mut response = short_text(StatusCode::METHOD_NOT_ALLOWED, "");
    let allowed = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

pub(super) fn answer(verdict: Verdict) -> Response<Bytes> {
    match verdict {
        Ok(()) => short_text(StatusCode::OK, ""),
        Err(error) => {
            let mut response = short_text(StatusCode::SERVICE_UNAVAILABLE, "");
            response.extensions_mut().insert(error);
            response
        }
    }
}
