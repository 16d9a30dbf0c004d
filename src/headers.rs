use http::{HeaderMap, HeaderName, HeaderValue};

/// A number in a header or a document: digits alone, while `str::parse` also takes a sign.
#[cfg(feature = "s3-proxy")]
pub(crate) fn digits(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// The only value of a header. `None` if there are two, since two readers could each use another one.
pub(crate) fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
