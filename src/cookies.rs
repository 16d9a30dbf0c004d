use http::HeaderValue;
use http::header::COOKIE;
use http::request::Parts;

/// The `name=value` pairs of all `Cookie` fields. HTTP/2 may send several fields (RFC 9113 section
/// 8.2.3).
pub(crate) fn pairs(head: &Parts) -> impl Iterator<Item = &[u8]> {
    head.headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|field| field.as_bytes().split(|&byte| byte == b';'))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

/// The value of a pair with exactly this name, of a cookie or a query.
pub(crate) fn value_of<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let rest = pair.strip_prefix(name.as_bytes())?;
    match rest {
        [] => Some(rest),
        [b'=', value @ ..] => Some(value),
        _ => None,
    }
}

/// Removes the pairs that `is_ours` selects from a request.
pub(crate) fn strip(head: &mut Parts, is_ours: impl Fn(&[u8]) -> bool) {
    if !pairs(head).any(&is_ours) {
        return;
    }
    let is_sensitive = head
        .headers
        .get_all(COOKIE)
        .iter()
        .any(HeaderValue::is_sensitive);
    let kept: Vec<_> = pairs(head).filter(|pair| !is_ours(pair)).collect();
    let joined = HeaderValue::from_bytes(&kept.join(&b"; "[..]));
    head.headers.remove(COOKIE);
    // The parts come from header values, so the result is one too.
    if let Some(mut joined) = joined.ok().filter(|joined| !joined.is_empty()) {
        joined.set_sensitive(is_sensitive);
        head.headers.insert(COOKIE, joined);
    }
}
