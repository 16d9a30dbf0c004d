use bytes::Bytes;
use http::header::{ALLOW, CONTENT_RANGE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use super::plan::NotAsked;
use crate::path::PathErrorKind;
use crate::response::short_text;
use crate::s3::{S3Error, S3ErrorKind};

pub(super) fn not_asked(reason: NotAsked) -> Response<Bytes> {
    match reason {
        NotAsked::Options => with_methods(Response::new(Bytes::new())),
        NotAsked::Method => with_methods(short_text(StatusCode::METHOD_NOT_ALLOWED, "")),
        NotAsked::Tags => short_text(StatusCode::BAD_REQUEST, "malformed entity tags"),
        NotAsked::Path(error) => {
            let mut response = match error.kind() {
                PathErrorKind::NoKey => missing(),
                PathErrorKind::TooLong => short_text(StatusCode::URI_TOO_LONG, &error.to_string()),
                _ => short_text(StatusCode::BAD_REQUEST, &error.to_string()),
            };
            response.extensions_mut().insert(error);
            response
        }
    }
}

fn with_methods(mut response: Response<Bytes>) -> Response<Bytes> {
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    response
}

pub(super) fn missing() -> Response<Bytes> {
    short_text(StatusCode::NOT_FOUND, "")
}

pub(super) fn precondition_failed() -> Response<Bytes> {
    short_text(StatusCode::PRECONDITION_FAILED, "")
}

pub(super) fn range_not_satisfiable(length: Option<u64>) -> Response<Bytes> {
    let mut response = short_text(StatusCode::RANGE_NOT_SATISFIABLE, "");
    let range = length.and_then(|length| HeaderValue::try_from(format!("bytes */{length}")).ok());
    if let Some(range) = range {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

pub(super) fn failed(error: S3Error) -> Response<Bytes> {
    let mut response = match error.kind() {
        S3ErrorKind::SlowDown => {
            let mut response = short_text(StatusCode::SERVICE_UNAVAILABLE, "");
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        _ => short_text(StatusCode::BAD_GATEWAY, ""),
    };
    response.extensions_mut().insert(error);
    response
}
