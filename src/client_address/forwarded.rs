use std::net::{IpAddr, SocketAddr};

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::headers::only_value;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(super) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(crate) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The addresses in `X-Forwarded-For`, from the last hop to the first; `None` for an entry that is not an
/// address.
pub(super) fn forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    lines.flat_map(|line| {
        let hops = line.as_bytes().rsplit(|&byte| byte == b',');
        hops.map(|hop| address_of(std::str::from_utf8(hop).ok()?.trim()))
    })
}

/// An address with or without a port, in the forms that proxies write.
fn address_of(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok();
    let bare = hop
        .strip_prefix('[')
        .and_then(|hop| hop.strip_suffix(']'))
        .unwrap_or(hop);
    let address = bare.parse().ok();
    let address = address.or_else(|| with_port().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// The value of a field that occurs once.
pub(crate) fn only_text<'a>(head: &'a Parts, name: &HeaderName) -> Option<&'a str> {
    only_value(&head.headers, name)?.to_str().ok()
}

/// The host and port that the request asks for. HTTP/2 has them in the target.
pub(crate) fn asked_host(head: &Parts) -> Option<&str> {
    match head.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => only_text(head, &HOST),
    }
}
