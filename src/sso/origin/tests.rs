use std::net::SocketAddr;

use http::Request;

use super::*;
use crate::client_address::ClientAddress;

/// A request for `target` with these fields, from a peer at this address.
fn head(target: &str, peer: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::get(target);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    if !peer.is_empty() {
        let peer = SocketAddr::new(peer.parse().unwrap(), 51234);
        request = request.extension(ClientAddress::new(peer));
    }
    request.body(()).unwrap().into_parts().0
}

fn assert_origin(name: &str, url: &PublicUrl, head: &Parts, expected: Option<&str>) {
    let origin = url.origin(head).map(|origin| origin.to_string());
    assert_eq!(origin.as_deref(), expected, "{name}");
}

#[test]
fn a_configured_url_is_spelled_like_browsers() {
    for (name, url, origin) in [
        (
            "https",
            "https://files.example.com",
            "https://files.example.com",
        ),
        (
            "a slash at the end",
            "https://files.example.com/",
            "https://files.example.com",
        ),
        (
            "capitals",
            "HTTPS://Files.Example.COM",
            "https://files.example.com",
        ),
        (
            "the default port",
            "https://files.example.com:443",
            "https://files.example.com",
        ),
        (
            "another port",
            "https://files.example.com:8443",
            "https://files.example.com:8443",
        ),
        (
            "the default port of http",
            "https://files.example.com:80",
            "https://files.example.com:80",
        ),
        ("a name of one label", "https://files", "https://files"),
        (
            "an underscore",
            "https://my_files.internal",
            "https://my_files.internal",
        ),
        (
            "a name in its ASCII form",
            "https://xn--bcher-kva.example",
            "https://xn--bcher-kva.example",
        ),
        ("IPv4", "https://192.0.2.1:81", "https://192.0.2.1:81"),
        ("IPv6", "https://[2001:DB8:0:0::1]", "https://[2001:db8::1]"),
        (
            "IPv6 with a port",
            "https://[::1]:8443",
            "https://[::1]:8443",
        ),
        ("loopback", "http://localhost:8000", "http://localhost:8000"),
        (
            "loopback by address",
            "http://127.0.0.1:80/",
            "http://127.0.0.1",
        ),
        ("loopback of IPv6", "http://[::1]:8000", "http://[::1]:8000"),
    ] {
        let fixed = PublicUrl::new(url).unwrap_or_else(|error| panic!("{name}: {error}"));
        let other = head(
            "/",
            "10.0.0.1",
            &[
                ("host", "evil.example"),
                ("x-forwarded-host", "evil.example"),
            ],
        );
        assert_origin(name, &fixed, &other, Some(origin));
        assert_eq!(
            fixed.is_https(),
            Some(origin.starts_with("https:")),
            "{name}"
        );
        assert_eq!(
            fixed.origin(&other).unwrap().is_https(),
            origin.starts_with("https:")
        );
    }
    let intranet = PublicUrl::insecure_new_over_http("http://intranet:8080").unwrap();
    assert_origin(
        "over http",
        &intranet,
        &head("/", "", &[]),
        Some("http://intranet:8080"),
    );
    assert_eq!(intranet.is_https(), Some(false));
}

#[test]
fn urls_beyond_an_origin_are_refused() {
    for (name, url) in [
        ("nothing", ""),
        ("a host", "files.example.com"),
        ("without slashes", "https:files.example.com"),
        ("another scheme", "ftp://files.example.com"),
        ("no host", "https://"),
        ("a slash without a host", "https:///"),
        ("a path", "https://files.example.com/files"),
        ("two slashes", "https://files.example.com//"),
        ("a query", "https://files.example.com?a"),
        ("an empty query", "https://files.example.com/?"),
        ("a fragment", "https://files.example.com#a"),
        ("a user name", "https://user@files.example.com"),
        ("a wildcard", "https://*.example.com"),
        ("a dot at the end", "https://files.example.com."),
        ("an empty label", "https://files..example.com"),
        ("an empty port", "https://files.example.com:"),
        ("port zero", "https://files.example.com:0"),
        ("a port too high", "https://files.example.com:65536"),
        ("a port with a sign", "https://files.example.com:+80"),
        ("two ports", "https://files.example.com:80:80"),
        ("an address with a zone", "https://[fe80::1%25eth0]"),
        ("an open bracket", "https://[::1"),
        ("a space", "https://files.example.com /"),
        ("a name that is not ASCII", "https://bücher.example"),
    ] {
        for refused in [PublicUrl::new(url), PublicUrl::insecure_new_over_http(url)] {
            assert_eq!(refused.unwrap_err().setting(), "public URL", "{name}");
        }
    }
    let error = PublicUrl::new("http://files.example.com").unwrap_err();
    assert_eq!(
        error.to_string(),
        "public URL: must be https, or http to a loopback host"
    );
}

#[test]
fn only_a_trusted_proxy_names_the_origin() {
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    let url = PublicUrl::from_proxies(proxies);
    assert_eq!(url.is_https(), None);
    let fields = [("host", "inner:8000"), ("x-forwarded-proto", "https")];
    let host = [
        fields[0],
        fields[1],
        ("x-forwarded-host", "Files.example.com:443"),
    ];
    for (name, peer, fields, expected) in [
        (
            "both fields",
            "10.0.0.1",
            &host[..],
            Some("https://files.example.com"),
        ),
        (
            "as a dual-stack socket shows the peer",
            "::ffff:10.0.0.1",
            &host,
            Some("https://files.example.com"),
        ),
        (
            "the scheme and Host",
            "10.0.0.1",
            &fields,
            Some("https://inner:8000"),
        ),
        (
            "http",
            "10.0.0.1",
            &[("host", "inner"), ("x-forwarded-proto", "http")],
            Some("http://inner"),
        ),
        ("another peer", "192.0.2.1", &host, None),
        ("no peer", "", &host, None),
        (
            "no scheme",
            "10.0.0.1",
            &[("host", "inner"), ("x-forwarded-host", "files")],
            None,
        ),
        (
            "no host",
            "10.0.0.1",
            &[("x-forwarded-proto", "https")],
            None,
        ),
        (
            "two schemes",
            "10.0.0.1",
            &[host[0], host[2], ("x-forwarded-proto", "https, http")],
            None,
        ),
        (
            "two fields of a scheme",
            "10.0.0.1",
            &[host[0], host[1], host[1]],
            None,
        ),
        (
            "two hosts",
            "10.0.0.1",
            &[host[1], ("x-forwarded-host", "files, evil")],
            None,
        ),
        (
            "two fields of a host",
            "10.0.0.1",
            &[host[1], host[2], host[2]],
            None,
        ),
        (
            "an empty host beside Host",
            "10.0.0.1",
            &[fields[0], fields[1], ("x-forwarded-host", "")],
            None,
        ),
        (
            "a script",
            "10.0.0.1",
            &[host[0], ("x-forwarded-proto", "javascript")],
            None,
        ),
    ] {
        assert_origin(name, &url, &head("/", peer, fields), expected);
    }
}

#[test]
fn the_request_names_the_origin_if_configured() {
    let url = PublicUrl::insecure_from_request();
    assert_eq!(url.is_https(), None);
    for (name, target, fields, expected) in [
        (
            "Host",
            "/",
            &[("host", "files:8000")][..],
            Some("http://files:8000"),
        ),
        (
            "its default port",
            "/",
            &[("host", "files:80")],
            Some("http://files"),
        ),
        (
            "HTTP/2",
            "http://files/a",
            &[("host", "evil")],
            Some("http://files"),
        ),
        (
            "a scheme",
            "/",
            &[("host", "files"), ("x-forwarded-proto", "https")],
            Some("https://files"),
        ),
        (
            "a scheme in capitals",
            "/",
            &[("host", "files"), ("x-forwarded-proto", "HTTPS")],
            Some("https://files"),
        ),
        (
            "X-Forwarded-Host, which is ignored",
            "/",
            &[("host", "files"), ("x-forwarded-host", "evil")],
            Some("http://files"),
        ),
        (
            "a script",
            "/",
            &[("host", "files"), ("x-forwarded-proto", "javascript")],
            None,
        ),
        (
            "a list of schemes",
            "/",
            &[("host", "files"), ("x-forwarded-proto", "https,http")],
            None,
        ),
        (
            "two schemes",
            "/",
            &[
                ("host", "files"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-proto", "https"),
            ],
            None,
        ),
        ("no Host", "/", &[], None),
        (
            "two Host fields",
            "/",
            &[("host", "files"), ("host", "files")],
            None,
        ),
        (
            "two hosts in one field",
            "/",
            &[("host", "files, evil")],
            None,
        ),
        ("a path in Host", "/", &[("host", "files/a")], None),
        ("a user name in Host", "/", &[("host", "files@evil")], None),
        ("a user name in the target", "http://files@evil/", &[], None),
        ("a query in Host", "/", &[("host", "files?")], None),
        ("a quote in Host", "/", &[("host", "files\"")], None),
        ("an empty Host", "/", &[("host", "")], None),
    ] {
        assert_origin(name, &url, &head(target, "192.0.2.1", fields), expected);
    }
}
