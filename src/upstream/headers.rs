use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName};

/// What of a client's request is sent on as it is. Ranges are read first: see `range_request`.
const CONDITIONALS: [HeaderName; 4] = [
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
];

/// What of a store's response reaches the client.
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

/// The conditional headers of a request, and no other.
pub(crate) fn conditionals(request: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    copy(request, &mut kept, &CONDITIONALS);
    kept
}

/// Copies the headers that describe an object and its representation, and no other.
pub(crate) fn copy_response_headers(from: &HeaderMap, to: &mut HeaderMap) {
    copy(from, to, &RESPONSE_HEADERS);
}

fn copy(from: &HeaderMap, to: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        for value in from.get_all(name) {
            to.append(name, value.clone());
        }
    }
}
