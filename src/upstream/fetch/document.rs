use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, LOCATION};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};

use super::client::FetchClient;
use super::error::{FetchError, FetchErrorKind};
use super::url::DocumentUrl;
use crate::headers::only_value;

/// A JSON document of an identity provider is a few KiB long, and one of many keys some tens.
const MAX_BYTES: usize = 256 * 1024;
const MAX_REDIRECTS: usize = 3;

/// Fetches a JSON document: 200, of at most 256 KiB and not compressed, after at most three redirects.
/// The caller limits the time.
pub(crate) async fn document(
    client: &dyn FetchClient,
    url: &DocumentUrl,
) -> Result<Response<Bytes>, FetchError> {
    let mut url = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let answer = client.fetch(request(&url), MAX_BYTES).await?;
        if answer.body().len() > MAX_BYTES {
            return Err(FetchError::too_large());
        }
        match answer.status() {
            StatusCode::OK if is_plain(answer.headers()) => return Ok(answer),
            StatusCode::OK => return Err(FetchError::new(FetchErrorKind::Encoded)),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => {
                let location = only_value(answer.headers(), &LOCATION);
                let location = location.and_then(|location| location.to_str().ok());
                url = location
                    .and_then(|location| url.redirected(location))
                    .ok_or(FetchError::new(FetchErrorKind::Redirect))?;
            }
            status => return Err(FetchError::new(FetchErrorKind::Status(status))),
        }
    }
    Err(FetchError::new(FetchErrorKind::Redirect))
}

fn request(url: &DocumentUrl) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.uri().clone();
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(ACCEPT, json);
    // What is compressed is refused, and some servers compress unless they are asked not to.
    let plain = HeaderValue::from_static("identity");
    request.headers_mut().insert(ACCEPT_ENCODING, plain);
    request
}

/// Whether a body is not compressed.
pub(crate) fn is_plain(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}
