use std::net::SocketAddr;

use http::Request;

use super::*;

/// A request from this peer, with these fields.
fn head(peer: Option<&str>, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri("/");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    if let Some(peer) = peer {
        let peer = SocketAddr::new(peer.parse().unwrap(), 51234);
        request = request.extension(ClientAddress::new(peer));
    }
    request.body(()).unwrap().into_parts().0
}

#[test]
fn proxies_are_trusted_by_address_or_network() {
    for (name, network, inside, outside) in [
        ("an address", "192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("a network", "10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
        (
            "an odd prefix",
            "192.0.2.64/26",
            "192.0.2.127",
            "192.0.2.128",
        ),
        (
            "one address as a network",
            "192.0.2.1/32",
            "192.0.2.1",
            "192.0.2.0",
        ),
        ("a long prefix", "192.0.2.0/31", "192.0.2.1", "192.0.2.2"),
        (
            "half of all addresses",
            "128.0.0.0/1",
            "255.0.0.0",
            "127.255.255.255",
        ),
        (
            "an IPv6 address",
            "2001:db8::1",
            "2001:db8::1",
            "2001:db8::2",
        ),
        ("an IPv6 network", "fd00::/8", "fdff::1", "fe00::1"),
        (
            "IPv4 as a dual-stack socket shows it",
            "10.0.0.0/8",
            "::ffff:10.0.0.1",
            "::ffff:11.0.0.1",
        ),
        (
            "IPv6 that ends in the same bits",
            "10.0.0.0/8",
            "10.0.0.1",
            "::10.0.0.1",
        ),
        ("IPv4 that ends in the same bits", "::/8", "::2", "0.0.0.2"),
    ] {
        let proxies = TrustedProxies::new(["198.51.100.1", network]).unwrap();
        assert!(proxies.contains(inside.parse().unwrap()), "{name}");
        assert!(!proxies.contains(outside.parse().unwrap()), "{name}");
    }
}

#[test]
fn a_list_that_names_no_proxy_is_refused() {
    for (name, networks, problem) in [
        ("an empty list", &[][..], "must not be empty"),
        (
            "a name",
            &["proxy.example"],
            r#""proxy.example" is not an IP address"#,
        ),
        ("an empty entry", &[""], r#""" is not an IP address"#),
        (
            "every IPv4 address",
            &["0.0.0.0/0"],
            r#""0.0.0.0/0" contains every address; name the networks of the proxies"#,
        ),
        (
            "every IPv6 address",
            &["::/0"],
            r#""::/0" contains every address; name the networks of the proxies"#,
        ),
        (
            "a prefix too long",
            &["10.0.0.0/33"],
            r#""10.0.0.0/33" has a prefix longer than the address"#,
        ),
        (
            "an IPv6 prefix too long",
            &["fd00::/129"],
            r#""fd00::/129" has a prefix longer than the address"#,
        ),
        (
            "bits after the prefix",
            &["10.0.0.1/8"],
            r#""10.0.0.1/8" has bits set after its prefix"#,
        ),
        (
            "the last bit",
            &["10.0.0.1/31"],
            r#""10.0.0.1/31" has bits set after its prefix"#,
        ),
        (
            "the first bit after the prefix",
            &["10.128.0.0/8"],
            r#""10.128.0.0/8" has bits set after its prefix"#,
        ),
        (
            "bits after an IPv6 prefix",
            &["fd00::1/8"],
            r#""fd00::1/8" has bits set after its prefix"#,
        ),
        (
            "a mask",
            &["10.0.0.0/255.0.0.0"],
            r#""10.0.0.0/255.0.0.0" has a prefix that is not a number"#,
        ),
        (
            "a sign",
            &["10.0.0.0/+8"],
            r#""10.0.0.0/+8" has a prefix that is not a number"#,
        ),
        (
            "an empty prefix",
            &["10.0.0.0/"],
            r#""10.0.0.0/" has a prefix that is not a number"#,
        ),
        (
            "IPv4 as IPv6",
            &["::ffff:10.0.0.0/104"],
            r#""::ffff:10.0.0.0/104" is IPv4 written as IPv6; write it as IPv4"#,
        ),
        (
            "the second",
            &["10.0.0.1", "x"],
            r#""x" is not an IP address"#,
        ),
    ] {
        let error = TrustedProxies::new(networks).unwrap_err();
        assert_eq!(error.setting(), "trusted proxies", "{name}");
        assert_eq!(error.problem(), problem, "{name}");
    }
}

fn assert_client(name: &str, peer: Option<&str>, forwarded: &[&str], expected: Option<&str>) {
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    let lines: Vec<_> = forwarded
        .iter()
        .map(|line| ("x-forwarded-for", *line))
        .collect();
    let client = proxies.client_ip(&head(peer, &lines));
    let expected = expected.map(|address| address.parse().unwrap());
    assert_eq!(client, expected, "{name}");
}

#[test]
fn the_client_is_the_last_address_not_trusted() {
    for (name, peer, forwarded, client) in [
        ("a peer", Some("192.0.2.1"), &[][..], Some("192.0.2.1")),
        (
            "a peer that is not trusted",
            Some("192.0.2.1"),
            &["203.0.113.7"],
            Some("192.0.2.1"),
        ),
        ("no peer", None, &["203.0.113.7"], None),
        (
            "a proxy without the field",
            Some("10.0.0.1"),
            &[],
            Some("10.0.0.1"),
        ),
        (
            "a proxy",
            Some("10.0.0.1"),
            &["203.0.113.7"],
            Some("203.0.113.7"),
        ),
        (
            "a client that sent the field itself",
            Some("10.0.0.1"),
            &["198.51.100.9, 203.0.113.7"],
            Some("203.0.113.7"),
        ),
        (
            "two proxies",
            Some("10.0.0.1"),
            &["198.51.100.9, 203.0.113.7, 10.0.0.2"],
            Some("203.0.113.7"),
        ),
        (
            "in two lines",
            Some("10.0.0.1"),
            &["198.51.100.9", "203.0.113.7,10.0.0.2"],
            Some("203.0.113.7"),
        ),
        (
            "a proxy as the client",
            Some("10.0.0.1"),
            &["10.0.0.3, 10.0.0.2"],
            Some("10.0.0.3"),
        ),
    ] {
        assert_client(name, peer, forwarded, client);
    }
}

#[test]
fn every_form_that_proxies_write_is_read() {
    for (name, peer, forwarded, client) in [
        (
            "a name",
            Some("10.0.0.1"),
            &["203.0.113.7, unknown"][..],
            None,
        ),
        (
            "a name before the client",
            Some("10.0.0.1"),
            &["unknown, 203.0.113.7"],
            Some("203.0.113.7"),
        ),
        ("an empty line", Some("10.0.0.1"), &[""], None),
        (
            "with a port",
            Some("10.0.0.1"),
            &["203.0.113.7:40000"],
            Some("203.0.113.7"),
        ),
        (
            "IPv6",
            Some("10.0.0.1"),
            &["2001:db8:1:2:3:4:5:6"],
            Some("2001:db8:1:2:3:4:5:6"),
        ),
        (
            "IPv6 in brackets",
            Some("10.0.0.1"),
            &["[2001:db8:1:2::9]"],
            Some("2001:db8:1:2::9"),
        ),
        (
            "IPv6 with a port",
            Some("10.0.0.1"),
            &["[2001:db8:1:2::9]:443"],
            Some("2001:db8:1:2::9"),
        ),
        (
            "IPv4 mapped into IPv6",
            Some("::ffff:10.0.0.1"),
            &["::ffff:203.0.113.7"],
            Some("203.0.113.7"),
        ),
        (
            "an IPv6 peer",
            Some("2001:db8::1"),
            &[],
            Some("2001:db8::1"),
        ),
    ] {
        assert_client(name, peer, forwarded, client);
    }
}

#[test]
fn only_a_trusted_proxy_names_scheme_and_host() {
    let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    let fields = [
        ("host", "inner:8000"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "files.example"),
    ];
    for (name, peer, fields, expected) in [
        (
            "a proxy",
            Some("10.0.0.1"),
            &fields[..],
            Some(("https", "files.example")),
        ),
        (
            "without a forwarded host",
            Some("10.0.0.1"),
            &fields[..2],
            Some(("https", "inner:8000")),
        ),
        ("without a scheme", Some("10.0.0.1"), &fields[..1], None),
        ("without a host", Some("10.0.0.1"), &fields[1..2], None),
        ("another peer", Some("192.0.2.1"), &fields, None),
        ("an unknown peer", None, &fields, None),
    ] {
        let head = head(peer, fields);
        assert_eq!(proxies.scheme_and_host(&head), expected, "{name}");
    }
}
