use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::challenge::is_tchar;
use super::refusal::Refusal;

/// The credential of one kind in a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Presented<T> {
    /// The request has no such credential.
    Absent,
    /// The request has one.
    Given(T),
    /// The credential is malformed, or there are several.
    Refused(Refusal),
}

/// The credentials of the `Authorization` field with `scheme`: the bytes after the scheme and its spaces.
///
/// Two fields are refused whatever they hold, since the next server may use the other one. Only spaces may
/// separate the scheme from the credentials (RFC 9110 section 11.4). If anything else does, the result is
/// empty, which no scheme accepts.
pub(super) fn authorization<'a>(head: &'a Parts, scheme: &str) -> Presented<&'a [u8]> {
    let mut fields = head.headers.get_all(AUTHORIZATION).iter();
    let Some(field) = fields.next() else {
        return Presented::Absent;
    };
    if fields.next().is_some() {
        return Presented::Refused(Refusal::malformed("two Authorization fields"));
    }
    if !has_scheme(field, scheme) {
        return Presented::Absent;
    }
    let after = &field.as_bytes()[scheme.len()..];
    let spaces = after.iter().take_while(|&&byte| byte == b' ').count();
    // With a tab or nothing after the scheme, the scheme is named all the same: the method must refuse
    // the request, not report the credential as absent.
    Presented::Given(if spaces == 0 { b"" } else { &after[spaces..] })
}

/// Removes the `Authorization` fields of `scheme` and keeps those of any other.
pub(super) fn strip_authorization(head: &mut Parts, scheme: &str) {
    let fields = head.headers.get_all(AUTHORIZATION);
    if !fields.iter().any(|field| has_scheme(field, scheme)) {
        return;
    }
    let kept: Vec<_> = fields
        .iter()
        .filter(|field| !has_scheme(field, scheme))
        .cloned()
        .collect();
    head.headers.remove(AUTHORIZATION);
    for field in kept {
        head.headers.append(AUTHORIZATION, field);
    }
}

fn has_scheme(field: &HeaderValue, scheme: &str) -> bool {
    let bytes = field.as_bytes();
    let end = bytes
        .iter()
        .position(|&byte| !is_tchar(byte))
        .unwrap_or(bytes.len());
    bytes[..end].eq_ignore_ascii_case(scheme.as_bytes())
}
