use http::{HeaderMap, HeaderName, HeaderValue};

/// The one value of a header. Of two, each reader on the way may believe another, so that neither
/// counts.
pub(crate) fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
