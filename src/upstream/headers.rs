use std::borrow::Cow;

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_ENCODING,
    CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName};

/// The headers of a store's response that reach the client.
const RESPONSE_HEADERS: [HeaderName; 11] = [
    ACCEPT_RANGES,
    CACHE_CONTROL,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
    ETAG,
    EXPIRES,
    LAST_MODIFIED,
];

/// The headers of a request without those that `Connection` names, which belong to the last hop (RFC 9110
/// section 7.6.1).
pub(crate) fn end_to_end(request: &HeaderMap) -> Cow<'_, HeaderMap> {
    let mut headers = Cow::Borrowed(request);
    let named = request
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|&b| b == b','));
    for name in named {
        if let Ok(name) = HeaderName::from_bytes(name.trim_ascii())
            && headers.contains_key(&name)
        {
            headers.to_mut().remove(&name);
        }
    }
    headers
}

/// Copies only the headers that describe an object and its representation, and `more`.
pub(crate) fn copy_response_headers(from: &HeaderMap, more: &[HeaderName], to: &mut HeaderMap) {
    for name in RESPONSE_HEADERS.iter().chain(more) {
        // One of `more` may be among those that always pass.
        if to.contains_key(name) {
            continue;
        }
        for value in from.get_all(name) {
            to.append(name, value.clone());
        }
    }
}
