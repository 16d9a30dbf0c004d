use std::net::{IpAddr, SocketAddr};

use http::HeaderName;
use http::request::Parts;

use super::proxies::{TrustedProxies, peer};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from, as far as one client can be told from another: an address of IPv4, or the
/// network of 64 bits that a site of IPv6 has at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ClientNetwork {
    /// The peer is not known: one network for all of them.
    Unknown,
    V4(u32),
    /// The upper half of the address.
    V6(u64),
}

impl ClientNetwork {
    /// That of the peer; behind `proxies`, that of the last address in `X-Forwarded-For` which is none of
    /// theirs, since what stands before it is whatever the client wrote.
    pub(crate) fn of(head: &Parts, proxies: Option<&TrustedProxies>) -> Self {
        let Some(mut address) = peer(head) else {
            return Self::Unknown;
        };
        let proxies = proxies.filter(|proxies| proxies.contain(address));
        if let Some(proxies) = proxies {
            for hop in forwarded_for(head) {
                let Some(hop) = hop else {
                    return Self::Unknown;
                };
                address = hop;
                if !proxies.contain(address) {
                    break;
                }
            }
        }
        match address {
            IpAddr::V4(address) => Self::V4(address.into()),
            IpAddr::V6(address) => Self::V6((u128::from(address) >> 64) as u64),
        }
    }
}

/// From the last hop to the first; `None` for what is not an address.
fn forwarded_for(head: &Parts) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = head.headers.get_all(X_FORWARDED_FOR).iter().rev();
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

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use http::Request;

    use super::super::ClientAddress;
    use super::*;

    fn head(peer: Option<&str>, forwarded: &[&str]) -> Parts {
        let mut request = Request::builder().uri("/");
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        if let Some(peer) = peer {
            request = request.extension(ClientAddress(peer.parse().unwrap()));
        }
        request.body(()).unwrap().into_parts().0
    }

    fn v4(address: &str) -> ClientNetwork {
        ClientNetwork::V4(address.parse::<Ipv4Addr>().unwrap().into())
    }

    #[test]
    fn a_client_is_told_by_the_last_address_that_no_proxy_of_ours_has() {
        let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
        for (name, peer, forwarded, network) in [
            ("a peer", Some("192.0.2.1"), &[][..], v4("192.0.2.1")),
            (
                "a peer that says something",
                Some("192.0.2.1"),
                &["203.0.113.7"],
                v4("192.0.2.1"),
            ),
            ("no peer", None, &["203.0.113.7"], ClientNetwork::Unknown),
            (
                "a proxy that says nothing",
                Some("10.0.0.1"),
                &[],
                v4("10.0.0.1"),
            ),
            (
                "a proxy",
                Some("10.0.0.1"),
                &["203.0.113.7"],
                v4("203.0.113.7"),
            ),
            (
                "a client that lies to it",
                Some("10.0.0.1"),
                &["198.51.100.9, 203.0.113.7"],
                v4("203.0.113.7"),
            ),
            (
                "two proxies",
                Some("10.0.0.1"),
                &["198.51.100.9, 203.0.113.7, 10.0.0.2"],
                v4("203.0.113.7"),
            ),
            (
                "in two lines",
                Some("10.0.0.1"),
                &["198.51.100.9", "203.0.113.7,10.0.0.2"],
                v4("203.0.113.7"),
            ),
            (
                "a proxy as the client",
                Some("10.0.0.1"),
                &["10.0.0.3, 10.0.0.2"],
                v4("10.0.0.3"),
            ),
        ] {
            let head = head(peer, forwarded);
            assert_eq!(ClientNetwork::of(&head, Some(&proxies)), network, "{name}");
        }
        let head = head(Some("10.0.0.1"), &["203.0.113.7"]);
        assert_eq!(
            ClientNetwork::of(&head, None),
            v4("10.0.0.1"),
            "without proxies"
        );
    }

    #[test]
    fn an_address_is_read_in_the_forms_that_proxies_write() {
        let proxies = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
        for (name, peer, forwarded, network) in [
            (
                "a name",
                Some("10.0.0.1"),
                &["203.0.113.7, unknown"][..],
                ClientNetwork::Unknown,
            ),
            (
                "a name before",
                Some("10.0.0.1"),
                &["unknown, 203.0.113.7"],
                v4("203.0.113.7"),
            ),
            (
                "an empty line",
                Some("10.0.0.1"),
                &[""],
                ClientNetwork::Unknown,
            ),
            (
                "with a port",
                Some("10.0.0.1"),
                &["203.0.113.7:40000"],
                v4("203.0.113.7"),
            ),
            (
                "IPv6",
                Some("10.0.0.1"),
                &["2001:db8:1:2:3:4:5:6"],
                ClientNetwork::V6(0x2001_0db8_0001_0002),
            ),
            (
                "IPv6 in brackets",
                Some("10.0.0.1"),
                &["[2001:db8:1:2::9]"],
                ClientNetwork::V6(0x2001_0db8_0001_0002),
            ),
            (
                "IPv6 with a port",
                Some("10.0.0.1"),
                &["[2001:db8:1:2::9]:443"],
                ClientNetwork::V6(0x2001_0db8_0001_0002),
            ),
            (
                "IPv4 in IPv6",
                Some("::ffff:10.0.0.1"),
                &["::ffff:203.0.113.7"],
                v4("203.0.113.7"),
            ),
            (
                "a peer of IPv6",
                Some("2001:db8::1"),
                &[],
                ClientNetwork::V6(0x2001_0db8_0000_0000),
            ),
        ] {
            let head = head(peer, forwarded);
            assert_eq!(ClientNetwork::of(&head, Some(&proxies)), network, "{name}");
        }
    }
}
