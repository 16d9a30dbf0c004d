use http::Request;

use super::*;

fn head(peer: Option<&str>) -> Parts {
    let mut request = Request::builder().uri("/");
    if let Some(peer) = peer {
        request = request.extension(ClientAddress(peer.parse().unwrap()));
    }
    request.body(()).unwrap().into_parts().0
}

#[test]
fn proxies_are_named_by_address_or_network() {
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
        ("half of all", "128.0.0.0/1", "255.0.0.0", "127.255.255.255"),
        (
            "an address of IPv6",
            "2001:db8::1",
            "2001:db8::1",
            "2001:db8::2",
        ),
        ("a network of IPv6", "fd00::/8", "fdff::1", "fe00::1"),
        (
            "IPv4 as a dual-stack socket shows it",
            "10.0.0.0/8",
            "::ffff:10.0.0.1",
            "::ffff:11.0.0.1",
        ),
        (
            "IPv6 whose last bits are those of it",
            "10.0.0.0/8",
            "10.0.0.1",
            "::10.0.0.1",
        ),
        ("IPv4 within IPv6 of no meaning", "::/8", "::2", "0.0.0.2"),
    ] {
        let proxies = TrustedProxies::new(["198.51.100.1", network]).unwrap();
        assert!(proxies.sent(&head(Some(inside))), "{name}");
        assert!(!proxies.sent(&head(Some(outside))), "{name}");
        assert!(!proxies.sent(&head(None)), "{name}: an unknown peer");
    }
}

#[test]
fn what_names_no_proxy_is_refused() {
    for (name, networks, problem) in [
        ("none", &[][..], "there must be one"),
        (
            "a name",
            &["proxy.example"],
            r#""proxy.example" is not an IP address"#,
        ),
        ("nothing", &[""], r#""" is not an IP address"#),
        ("everybody", &["0.0.0.0/0"], r#""0.0.0.0/0" is everybody"#),
        ("everybody of IPv6", &["::/0"], r#""::/0" is everybody"#),
        (
            "a prefix too long",
            &["10.0.0.0/33"],
            r#""10.0.0.0/33" has a prefix longer than the address"#,
        ),
        (
            "a prefix too long of IPv6",
            &["fd00::/129"],
            r#""fd00::/129" has a prefix longer than the address"#,
        ),
        (
            "bits behind the prefix",
            &["10.0.0.1/8"],
            r#""10.0.0.1/8" has bits behind its prefix"#,
        ),
        (
            "the last of them",
            &["10.0.0.1/31"],
            r#""10.0.0.1/31" has bits behind its prefix"#,
        ),
        (
            "the first of them",
            &["10.128.0.0/8"],
            r#""10.128.0.0/8" has bits behind its prefix"#,
        ),
        (
            "such bits of IPv6",
            &["fd00::1/8"],
            r#""fd00::1/8" has bits behind its prefix"#,
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
            "no prefix",
            &["10.0.0.0/"],
            r#""10.0.0.0/" has a prefix that is not a number"#,
        ),
        (
            "IPv4 as IPv6",
            &["::ffff:10.0.0.0/104"],
            r#""::ffff:10.0.0.0/104" is IPv4 written as IPv6"#,
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
