use bytes::Bytes;
#[cfg(any(feature = "jwt", feature = "s3-proxy"))]
use http::header::ALLOW;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};

/// An answer of one line of plain text: the status, and why where that may be told.
///
/// It is never stored: what refuses now may admit with the next credential.
pub(crate) fn short_text(status: StatusCode, why: &str) -> Response<Bytes> {
    let mut text = status.to_string();
    if !why.is_empty() {
        text.push_str(": ");
        text.push_str(why);
    }
    text.push('\n');
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// 405, and the methods that there are (RFC 9110 section 15.5.6).
#[cfg(any(feature = "jwt", feature = "s3-proxy"))]
pub(crate) fn method_not_allowed(methods: &'static str) -> Response<Bytes> {
    let mut response = short_text(StatusCode::METHOD_NOT_ALLOWED, "");
    let methods = HeaderValue::from_static(methods);
    response.headers_mut().insert(ALLOW, methods);
    response
}
