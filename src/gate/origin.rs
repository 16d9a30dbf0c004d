use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{Method, Uri};

/// Whether a browser's request may be authorised by a cookie: a method that changes nothing, or a
/// page of the same origin as its sender.
///
/// `Sec-Fetch-Site` decides where it is present, since no script can set it. `Origin` is the
/// fallback for plain http, where browsers do not send the former; its authority has to be that of
/// the request.
pub(super) fn is_same_origin_or_safe(head: &Parts) -> bool {
    if matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    if let Some(site) = head.headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = head
        .headers
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok())
    else {
        return false;
    };
    let host = match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => head.headers.get(HOST).and_then(|host| host.to_str().ok()),
    };
    let origin = origin.parse::<Uri>().ok();
    let sender = origin.as_ref().and_then(Uri::authority);
    sender
        .zip(host)
        .is_some_and(|(sender, host)| sender.as_str().eq_ignore_ascii_case(host))
}
