//! The host that a request names.

use std::error::Error;
use std::fmt;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Request, Version};

/// Why the host of a request cannot be told. Servers in front that read it otherwise would route or cache
/// the request for another site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostError {
    Missing,
    Several,
    Malformed,
    Contradiction,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the request names no host",
            Self::Several => "the request has several Host fields",
            Self::Malformed => "the host of the request is not a host name with or without a port",
            Self::Contradiction => "Host differs from :authority",
        })
    }
}

impl Error for HostError {}

/// Checks that a request names one host.
///
/// A request of HTTP/1.1 has one `Host` field with a host (RFC 9112 section 3.2), which the authority of
/// a target in absolute form overrides (section 3.2.2). HTTP/1.0 has one or none. HTTP/2 has
/// `:authority`, `Host`, or both with the same host (RFC 9113 section 8.3.1).
pub(crate) fn judge<B>(request: &Request<B>) -> Result<(), HostError> {
    let mut fields = request.headers().get_all(HOST).iter();
    let (field, more) = (fields.next(), fields.next());
    if more.is_some() {
        return Err(HostError::Several);
    }
    let field = field.map(host).transpose()?;
    let target = request.uri().authority();
    if target.is_some_and(|it| it.as_str().contains('@')) {
        return Err(HostError::Malformed);
    }
    match (request.version(), target, field) {
        (Version::HTTP_2, Some(target), Some(field)) if !is_same(target, &field) => {
            Err(HostError::Contradiction)
        }
        (Version::HTTP_2, None, None) | (Version::HTTP_11, _, None) => Err(HostError::Missing),
        _ => Ok(()),
    }
}

fn host(field: &HeaderValue) -> Result<Authority, HostError> {
    let host = Authority::try_from(field.as_bytes()).map_err(|_| HostError::Malformed)?;
    let name = host.host();
    let port = host.as_str().strip_prefix(name);
    // What precedes the name is user information, which a host has not.
    let has_port = port.is_some_and(|port| port.len() <= 1 || host.port_u16().is_some());
    // Some proxies join two fields by a comma.
    let is_host = has_port && !name.is_empty() && !name.contains(',');
    is_host.then_some(host).ok_or(HostError::Malformed)
}

fn is_same(target: &Authority, field: &Authority) -> bool {
    target.as_str().eq_ignore_ascii_case(field.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_one_host() {
        let (one, eleven, two) = (Version::HTTP_10, Version::HTTP_11, Version::HTTP_2);
        for (version, target, fields, expected) in [
            (eleven, "/", &["h"][..], None),
            (eleven, "/", &["h.example:8080"], None),
            (eleven, "/", &["[::1]:80"], None),
            (eleven, "/", &[], Some(HostError::Missing)),
            (eleven, "/", &["h", "h"], Some(HostError::Several)),
            (eleven, "/", &[""], Some(HostError::Malformed)),
            (eleven, "/", &["h, h"], Some(HostError::Malformed)),
            (eleven, "/", &["h,h"], Some(HostError::Malformed)),
            (eleven, "/", &["h/x"], Some(HostError::Malformed)),
            (eleven, "/", &["user@h"], Some(HostError::Malformed)),
            (eleven, "/", &["h:99999999"], Some(HostError::Malformed)),
            (eleven, "http://h/", &["h"], None),
            (eleven, "http://other/", &["h"], None),
            (eleven, "http://h/", &[], Some(HostError::Missing)),
            (eleven, "http://user@h/", &["h"], Some(HostError::Malformed)),
            (one, "/", &[], None),
            (one, "/", &["h"], None),
            (one, "/", &["h", "i"], Some(HostError::Several)),
            (two, "https://h/", &[], None),
            (two, "https://h/", &["H"], None),
            (two, "https://h/", &["i"], Some(HostError::Contradiction)),
            (two, "/", &["h"], None),
            (two, "/", &[], Some(HostError::Missing)),
        ] {
            let mut request = Request::new(());
            *request.version_mut() = version;
            *request.uri_mut() = target.parse().unwrap();
            for field in fields {
                let field = HeaderValue::from_str(field).unwrap();
                request.headers_mut().append(HOST, field);
            }
            let error = judge(&request).err();
            assert_eq!(error, expected, "{version:?} {target} {fields:?}");
        }
    }
}
