use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderName, Method, Uri};

use crate::headers::only_value;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Why a request is refused whose cookie must not authorise it.
pub(crate) const CROSS_SITE: &str = "a cookie does not authorise a cross-site request";

/// Whether a cookie may authorise the request: its method is safe, or a page of the same origin sent it.
pub(crate) fn is_same_origin_or_safe(head: &Parts) -> bool {
    is_safe(&head.method) || is_same_origin(head, None)
}

/// Whether a cookie may authorise the method. TRACE is safe in RFC 9110, but its response repeats the
/// request.
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a page of the same origin sent the request.
///
/// `Sec-Fetch-Site` decides if it is present, since no script can set it. `Origin` is the fallback for
/// plain http, where browsers do not send the former, and for old browsers. It must be that of the `site`,
/// if that is known: `https://host` or `https://host:port` in the spelling of browsers. Otherwise, its host
/// and port must be those of the request. Behind a proxy that rewrites `Host`, that refuses.
pub(crate) fn is_same_origin(head: &Parts, site: Option<&str>) -> bool {
    if head.headers.contains_key(SEC_FETCH_SITE) {
        return only_value(&head.headers, &SEC_FETCH_SITE)
            .is_some_and(|site| site == "same-origin");
    }
    let origin = only_value(&head.headers, &ORIGIN).and_then(|origin| origin.to_str().ok());
    origin.is_some_and(|origin| match site {
        Some(site) => origin == site,
        None => is_of_host(origin, head),
    })
}

/// Whether an origin has the host and port of the request. Its scheme may be http or https, since a proxy
/// may have terminated TLS, but not http if the request is known to be by https.
fn is_of_host(origin: &str, head: &Parts) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else {
        return false;
    };
    let is_possible = match origin.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => !is_by_https(head),
        _ => false,
    };
    let host = match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only_value(&head.headers, &HOST).and_then(|host| host.to_str().ok()),
    };
    let sender = origin.authority().filter(|_| is_possible);
    sender
        .zip(host)
        .is_some_and(|(sender, host)| sender.as_str().eq_ignore_ascii_case(host))
}

/// Whether the request says that it is by https. A client may make that up, and is refused for it.
fn is_by_https(head: &Parts) -> bool {
    let mut forwarded = head.headers.get_all(X_FORWARDED_PROTO).iter();
    head.uri.scheme() == Some(&Scheme::HTTPS)
        || forwarded.any(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(target: &str, fields: &[(&str, &str)]) -> Parts {
        let mut request = Request::post(target);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn an_origin_must_be_exactly_that_of_the_site() {
        for (site, origin, expected) in [
            ("https://a.example", "https://a.example", true),
            ("https://a.example", "http://a.example", false),
            ("https://a.example", "https://a.example:443", false),
            ("https://a.example", "https://a.example:8443", false),
            ("https://a.example", "https://A.example", false),
            ("https://a.example", "https://a.example.", false),
            ("https://a.example", "https://a.example/", false),
            ("https://a.example", "https://b.a.example", false),
            ("https://a.example", "https://a.example.evil", false),
            ("https://a.example", "https://x@a.example", false),
            ("https://a.example", " https://a.example", true),
            ("https://a.example", "null", false),
            ("https://a.example", "", false),
            ("https://a.example:8443", "https://a.example:8443", true),
            ("https://a.example:8443", "https://a.example", false),
            ("http://a.example", "http://a.example", true),
            ("http://a.example", "https://a.example", false),
            ("http://[::1]:8000", "http://[::1]:8000", true),
            ("http://[::1]:8000", "http://[0:0:0:0:0:0:0:1]:8000", false),
            ("http://[::1]:8000", "http://::1:8000", false),
        ] {
            // As a server reads a field: without the white space around it.
            let head = head("/", &[("host", "a.example"), ("origin", origin.trim())]);
            let found = is_same_origin(&head, Some(site));
            assert_eq!(found, expected, "{origin} at {site}");
        }
        let twice = head("/", &[("origin", "http://a"), ("origin", "http://a")]);
        assert!(!is_same_origin(&twice, Some("http://a")));
        let none = head("/", &[("host", "a")]);
        assert!(!is_same_origin(&none, Some("http://a")));
    }

    #[test]
    fn without_a_site_the_host_decides() {
        let https = ("x-forwarded-proto", "https");
        for (name, target, host, origin, more, expected) in [
            ("by http", "/", "a:80", "http://a:80", None, true),
            ("TLS was terminated", "/", "a", "https://a", None, true),
            ("as told", "/", "a", "https://a", Some(https), true),
            ("off TLS", "/", "a", "http://a", Some(https), false),
            ("HTTP/2", "https://a/", "a", "https://a", None, true),
            ("off its TLS", "https://a/", "a", "http://a", None, false),
            ("HTTP/2 in clear", "http://a/", "a", "https://a", None, true),
            ("another case", "/", "A", "http://a", None, true),
            ("another port", "/", "a:81", "http://a", None, false),
            ("another host", "/", "b", "http://a", None, false),
            ("a trailing dot", "/", "a", "http://a.", None, false),
            ("IPv6", "/", "[::1]:80", "http://[::1]:80", None, true),
            (
                "other IPv6",
                "/",
                "[::2]:80",
                "http://[::1]:80",
                None,
                false,
            ),
            ("null", "/", "null", "null", None, false),
            ("another scheme", "/", "a", "ftp://a", None, false),
            ("no scheme", "/", "a", "a", None, false),
        ] {
            let mut fields = vec![("host", host), ("origin", origin)];
            fields.extend(more);
            let found = is_same_origin(&head(target, &fields), None);
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn sec_fetch_site_decides_if_present() {
        let right = ("origin", "https://a");
        for (name, fields, expected) in [
            ("same-origin", vec!["same-origin"], true),
            ("same-site", vec!["same-site"], false),
            ("a person", vec!["none"], false),
            ("twice", vec!["same-origin", "same-origin"], false),
        ] {
            let fields = fields.into_iter().map(|site| ("sec-fetch-site", site));
            let fields: Vec<_> = fields.chain([right]).collect();
            for site in [None, Some("https://a")] {
                let found = is_same_origin(&head("https://a/", &fields), site);
                assert_eq!(found, expected, "{name}, {site:?}");
            }
        }
    }
}
