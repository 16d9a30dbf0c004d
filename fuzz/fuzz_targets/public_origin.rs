//! The origin of the site, of which the redirect URI is made, against a browser's parser of URLs. The
//! input is a request; it comes from a trusted proxy, from another peer, and from nobody known.
#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use libfuzzer_sys::fuzz_target;
use portcullis::client_address::{ClientAddress, TrustedProxies};
use portcullis::fuzzing::origin;
use portcullis::sso::PublicUrl;
use url::{Position, Url};

mod request_text;
use request_text::only_text;

fuzz_target!(|data: &[u8]| {
    let Some(mut head) = request_text::head(data) else {
        return;
    };
    let asked_host = match head.uri.authority() {
        Some(authority) => Some(authority.to_string()),
        None => only_text(&head, "host").map(str::to_owned),
    };
    let sent_scheme = only_text(&head, "x-forwarded-proto").map(str::to_owned);

    let has_scheme = head.headers.contains_key("x-forwarded-proto");
    let scheme = match has_scheme {
        true => sent_scheme.clone(),
        false => Some("http".to_owned()),
    };
    let found = origin(&PublicUrl::insecure_from_request(), &head);
    check(
        found.as_deref(),
        scheme.as_deref().zip(asked_host.as_deref()),
    );

    let proxies = TrustedProxies::new(["10.0.0.0/8"]).expect("a network");
    let behind = PublicUrl::from_proxies(proxies);
    assert_eq!(origin(&behind, &head), None, "the peer is unknown");
    let mut from = |peer: [u8; 4]| {
        let peer = SocketAddr::from((peer, 51234));
        head.extensions.insert(ClientAddress::new(peer));
        origin(&behind, &head)
    };
    assert_eq!(from([192, 0, 2, 1]), None, "the peer is not trusted");
    let found = from([10, 0, 0, 1]);
    let host = match head.headers.contains_key("x-forwarded-host") {
        true => only_text(&head, "x-forwarded-host").map(str::to_owned),
        false => asked_host,
    };
    check(
        found.as_deref(),
        sent_scheme.as_deref().zip(host.as_deref()),
    );
});

fn check(found: Option<&str>, sent: Option<(&str, &str)>) {
    let Some(found) = found else {
        assert!(!sent.is_some_and(is_harmless), "{sent:?} is refused");
        return;
    };
    let (scheme, host) = sent.expect("an origin comes from somewhere");
    let whole = format!("{scheme}://{host}");
    // A configured URL is read in the same way.
    let configured = PublicUrl::insecure_new_over_http(&whole).expect("it is an origin");
    let (empty, ()) = http::Request::new(()).into_parts();
    assert_eq!(origin(&configured, &empty).as_deref(), Some(found));
    if is_read_otherwise(host) {
        return;
    }
    let read = Url::parse(&whole).expect("a browser reads it");
    assert_eq!(read.origin().ascii_serialization(), found);
    assert_eq!(&read[Position::BeforePath..], "/", "{whole}");
    assert_eq!((read.username(), read.password()), ("", None), "{whole}");
}

fn is_harmless((scheme, host): (&str, &str)) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase());
    matches!(scheme, "http" | "https") && host.len() <= 253 && host.split('.').all(is_label)
}

/// Hosts in other spellings than the one that a browser sends: numbers that it takes for an IPv4 address,
/// names in Punycode that it checks, and IPv4 within IPv6.
fn is_read_otherwise(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.split(']').next().unwrap_or_default();
        let address: Ipv6Addr = address.parse().expect("it was read as an address");
        return address.to_ipv4_mapped().is_some();
    }
    let name = host.split(':').next().unwrap_or_default().to_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    let is_punycode = name.split('.').any(|label| label.starts_with("xn--"));
    is_punycode || is_number && name.parse::<Ipv4Addr>().is_err()
}
