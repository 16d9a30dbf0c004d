use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};

/// A response of one line of plain text: the status, and `text` unless that is empty.
///
/// It has `Cache-Control: no-store`, since the next credential may change the answer, and
/// `X-Content-Type-Options: nosniff`.
///
/// ```
/// use http::StatusCode;
/// use http_body_util::Full;
/// use portcullis::response::short_text;
///
/// let response = short_text(StatusCode::NOT_FOUND, "no such project");
/// assert_eq!(response.body(), "404 Not Found: no such project\n");
/// assert_eq!(response.headers()["cache-control"], "no-store");
/// assert_eq!(short_text(StatusCode::NOT_FOUND, "").body(), "404 Not Found\n");
///
/// let response = response.map(Full::new);
/// # let _ = response;
/// ```
#[must_use]
pub fn short_text(status: StatusCode, text: &str) -> Response<Bytes> {
    let mut line = status.to_string();
    if !text.is_empty() {
        line.push_str(": ");
        line.push_str(text);
    }
    line.push('\n');
    let mut response = Response::new(Bytes::from(line));
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

/// A 405 response by [`short_text`], whose `Allow` field is `methods` (RFC 9110 section 15.5.6).
///
/// ```
/// use portcullis::response::method_not_allowed;
///
/// assert_eq!(method_not_allowed("GET, HEAD").headers()["allow"], "GET, HEAD");
/// ```
///
/// # Panics
///
/// Panics if `methods` is not a valid header value.
#[must_use]
pub fn method_not_allowed(methods: &'static str) -> Response<Bytes> {
    let mut response = short_text(StatusCode::METHOD_NOT_ALLOWED, "");
    let methods = HeaderValue::from_static(methods);
    response.headers_mut().insert(ALLOW, methods);
    response
}
