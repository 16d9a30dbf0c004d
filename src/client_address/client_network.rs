use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::request::Parts;

use super::address::ClientAddress;

/// The network of a client, as far as clients can be told apart: the unit of every share and budget.
///
/// It is one address of IPv4, or the 64 bits of IPv6 that one site has. All clients whose address is
/// unknown are one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientNetwork(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Unknown,
    V4(Ipv4Addr),
    /// The upper half of the address.
    V6(u64),
}

impl ClientNetwork {
    /// The network of all clients whose address is unknown.
    pub const UNKNOWN: Self = Self(Kind::Unknown);

    /// The network of this address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => Kind::V4(address),
            IpAddr::V6(address) => Kind::V6((u128::from(address) >> 64) as u64),
        })
    }

    /// The network that [`ClientNetworkLayer`](super::ClientNetworkLayer) found, or without that layer
    /// the network of the TCP peer.
    #[must_use]
    pub fn of_head(head: &Parts) -> Self {
        let found = head.extensions.get().copied();
        found.unwrap_or_else(|| ClientAddress::ip_of(head).map_or(Self::UNKNOWN, Self::of))
    }
}

#[cfg(feature = "htpasswd")]
impl ClientNetwork {
    /// The site that it may be a part of: many sites have 48 bits of IPv6, and so 65,536 networks.
    pub(crate) fn site(self) -> Self {
        match self.0 {
            Kind::V6(upper) => Self(Kind::V6(upper >> 16 << 16)),
            _ => self,
        }
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Unknown => f.write_str("unknown"),
            Kind::V4(address) => address.fmt(f),
            Kind::V6(upper) => write!(f, "{}/64", Ipv6Addr::from(u128::from(upper) << 64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_is_told_apart_by_address_and_ipv6_by_site() {
        for (address, network) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(ClientNetwork::of(address).to_string(), network, "{address}");
        }
        assert_eq!(ClientNetwork::UNKNOWN.to_string(), "unknown");
    }
}
