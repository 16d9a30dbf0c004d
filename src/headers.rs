use http::{HeaderMap, HeaderName, HeaderValue};

/// The only value of a header. `None` if there are two, since two readers could each use another one.
pub(crate) fn only_value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}
