use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderName, Method, Uri};

use crate::headers::only_value;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a browser's request may be authorised by a cookie: a method that changes nothing, or a
/// page of the same origin as its sender.
///
/// `Sec-Fetch-Site` decides where it is present, since no script can set it. `Origin` is the
/// fallback for plain http, where browsers do not send the former; its authority has to be that of
/// the request. Whether that came by http or https is not told apart, since a proxy in between may
/// have ended TLS; a proxy that rewrites `Host` makes the fallback refuse.
pub(crate) fn is_same_origin_or_safe(head: &Parts) -> bool {
    // TRACE is safe by RFC 9110 and not here: it sends back what it was sent.
    if matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    if head.headers.contains_key(SEC_FETCH_SITE) {
        return only_value(&head.headers, &SEC_FETCH_SITE)
            .is_some_and(|site| site == "same-origin");
    }
    let origin = only_value(&head.headers, &ORIGIN).and_then(|origin| origin.to_str().ok());
    let Some(origin) = origin.and_then(|origin| origin.parse::<Uri>().ok()) else {
        return false;
    };
    let is_http = matches!(origin.scheme(), Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    let host = match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only_value(&head.headers, &HOST).and_then(|host| host.to_str().ok()),
    };
    let sender = origin.authority().filter(|_| is_http);
    sender
        .zip(host)
        .is_some_and(|(sender, host)| sender.as_str().eq_ignore_ascii_case(host))
}
