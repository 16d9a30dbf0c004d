use std::mem;

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

/// A mark in the extensions of a response by [`short_text`], which a page may replace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortText;

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
    response.extensions_mut().insert(ShortText);
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

/// The response to a request with `method`: to HEAD without its body, but with the length of it.
///
/// hyper leaves the body of a response to HEAD out on HTTP/1 and sends it on HTTP/2, where clients take the
/// response for malformed (RFC 9113 section 8.1.1). The layers and services of this crate pass their own
/// responses through this function.
///
/// ```
/// use http::{Method, StatusCode};
/// use portcullis::response::{answer_to, short_text};
///
/// let response = answer_to(&Method::HEAD, short_text(StatusCode::NOT_FOUND, ""));
/// assert!(response.body().is_empty());
/// assert_eq!(response.headers()["content-length"], "14");
/// let response = answer_to(&Method::GET, short_text(StatusCode::NOT_FOUND, ""));
/// assert_eq!(response.body(), "404 Not Found\n");
/// ```
#[must_use]
pub fn answer_to(method: &Method, mut response: Response<Bytes>) -> Response<Bytes> {
    if *method == Method::HEAD {
        let body = mem::take(response.body_mut());
        set_length(response.headers_mut(), Some(body.len() as u64));
    }
    response
}

/// Sets the length of a body that is left out, unless it is set, not known or 0.
pub(crate) fn set_length(headers: &mut HeaderMap, length: Option<u64>) {
    if let Some(length) = length.filter(|length| *length > 0) {
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
}

/// A redirect to the folder at `location`, which no cache keeps: an object without the slash may be created
/// at any time.
pub(crate) fn to_folder(location: HeaderValue) -> Response<Bytes> {
    let mut response = short_text(StatusCode::FOUND, "");
    response.headers_mut().insert(LOCATION, location);
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
