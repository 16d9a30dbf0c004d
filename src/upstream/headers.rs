use std::borrow::Cow;

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_ENCODING,
    CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::conditional::entity_tag;

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
    mend_etag(to);
    mend_content_encoding(to);
}

/// Adds the quotes that some stores leave out (RFC 9110 section 8.8.3), and removes what is no tag.
fn mend_etag(headers: &mut HeaderMap) {
    let Some(given) = headers.get(ETAG) else {
        return;
    };
    match entity_tag(given).map(|tag| HeaderValue::try_from(&*tag)) {
        Some(Ok(tag)) if tag == given => {}
        Some(Ok(tag)) => _ = headers.insert(ETAG, tag),
        _ => _ = headers.remove(ETAG),
    }
}

/// Removes `aws-chunked`, which describes how an object was uploaded, and which some stores keep with it.
fn mend_content_encoding(headers: &mut HeaderMap) {
    let is_chunked = |coding: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(b"aws-chunked");
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    let codings = lines.flat_map(|line| line.as_bytes().split(|&byte| byte == b','));
    let (chunked, others): (Vec<_>, Vec<_>) = codings.partition(|coding| is_chunked(coding));
    if chunked.is_empty() {
        return;
    }
    let others: Vec<_> = others.into_iter().map(<[u8]>::trim_ascii).collect();
    let others = others.into_iter().filter(|coding| !coding.is_empty());
    let others = others.collect::<Vec<_>>().join(&b", "[..]);
    match HeaderValue::from_bytes(&others) {
        Ok(left) if !left.is_empty() => _ = headers.insert(CONTENT_ENCODING, left),
        _ => _ = headers.remove(CONTENT_ENCODING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(lines: &[(HeaderName, &'static str)]) -> HeaderMap {
        let (mut from, mut to) = (HeaderMap::new(), HeaderMap::new());
        for (name, value) in lines {
            from.append(name, HeaderValue::from_static(value));
        }
        copy_response_headers(&from, &[], &mut to);
        to
    }

    #[test]
    fn aws_chunked_is_no_content_encoding() {
        for (lines, left) in [
            (&["gzip"][..], &["gzip"][..]),
            (&["gzip, br"], &["gzip, br"]),
            (&["aws-chunked"], &[]),
            (&["AWS-Chunked , gzip"], &["gzip"]),
            (&["gzip,aws-chunked"], &["gzip"]),
            (&["gzip", "aws-chunked"], &["gzip"]),
            (&["gzip,aws-chunked,br"], &["gzip, br"]),
            (&["aws-chunked,"], &[]),
            (&["x-aws-chunked"], &["x-aws-chunked"]),
        ] {
            let given: Vec<_> = lines.iter().map(|line| (CONTENT_ENCODING, *line)).collect();
            let headers = copied(&given);
            let kept: Vec<_> = headers.get_all(CONTENT_ENCODING).iter().collect();
            assert_eq!(kept, left, "{lines:?}");
        }
    }

    #[test]
    fn an_etag_is_quoted_or_left_out() {
        for (given, passed) in [
            ("\"v1\"", Some("\"v1\"")),
            ("W/\"v1\"", Some("W/\"v1\"")),
            ("v1-2", Some("\"v1-2\"")),
            ("\"v1", None),
            ("v 1", None),
            ("", None),
        ] {
            let headers = copied(&[(ETAG, given)]);
            assert_eq!(
                headers.get(ETAG).map(|it| it.to_str().unwrap()),
                passed,
                "{given}"
            );
        }
    }
}
