use bytes::Bytes;
use http::header::{ALLOW, CONTENT_RANGE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

use super::plan::NotAsked;
use crate::path::PathErrorKind;
use crate::response::{method_not_allowed, short_text};
use crate::s3::error::{S3Error, S3ErrorKind};

/// The longest `Retry-After` of an answer, even if S3 asks for more.
const LONGEST_WAIT_SECONDS: u32 = 60;

const METHODS: &str = "GET, HEAD, OPTIONS";

impl NotAsked {
    /// The answer to the client.
    pub(crate) fn answer(self) -> Response<Bytes> {
        match self {
            Self::Options => options(),
            Self::Method => method_not_allowed(METHODS),
            Self::Query => query_refused(),
            Self::Path(error) => {
                let text = error.to_string();
                let mut response = match error.kind() {
                    PathErrorKind::NoKey => missing(),
                    PathErrorKind::TooLong => short_text(StatusCode::URI_TOO_LONG, &text),
                    _ => short_text(StatusCode::BAD_REQUEST, &text),
                };
                response.extensions_mut().insert(error);
                response
            }
        }
    }
}

fn options() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let methods = HeaderValue::from_static(METHODS);
    response.headers_mut().insert(ALLOW, methods);
    response
}

pub(super) fn missing() -> Response<Bytes> {
    short_text(StatusCode::NOT_FOUND, "")
}

pub(super) fn precondition_failed() -> Response<Bytes> {
    short_text(StatusCode::PRECONDITION_FAILED, "")
}

pub(super) fn query_refused() -> Response<Bytes> {
    short_text(StatusCode::BAD_REQUEST, "malformed query parameter")
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
    let status = match error.kind() {
        S3ErrorKind::SlowDown | S3ErrorKind::Credentials => StatusCode::SERVICE_UNAVAILABLE,
        S3ErrorKind::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    };
    let mut response = short_text(status, "");
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = error.retry_after().unwrap_or(1).min(LONGEST_WAIT_SECONDS);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response.extensions_mut().insert(error);
    response
}
