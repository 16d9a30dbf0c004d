use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::request::Parts;

/// The address of the TCP peer, as an extension of the request, and of the client behind named proxies.
///
/// The server inserts it, since no part of this crate sees the connection. Without it the peer is unknown,
/// and no proxy is trusted. Behind proxies, [`ClientNetworkLayer`](super::ClientNetworkLayer) adds the client that
/// they report.
///
/// For a log, it is written as the client's address, or without one as the address and port of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress {
    peer: SocketAddr,
    reported: Option<IpAddr>,
}

impl ClientAddress {
    /// The peer at this address. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`), which is how a
    /// dual-stack socket reports it, becomes IPv4.
    #[must_use]
    pub fn new(peer: SocketAddr) -> Self {
        Self {
            peer: SocketAddr::new(peer.ip().to_canonical(), peer.port()),
            reported: None,
        }
    }

    /// The address and port of the peer.
    #[must_use]
    pub fn peer(self) -> SocketAddr {
        self.peer
    }

    /// The address of the client that trusted proxies report, if it is not the peer.
    #[must_use]
    pub fn reported(self) -> Option<IpAddr> {
        self.reported
    }

    /// The same peer, with the client that it reports.
    pub(super) fn with_client(self, client: IpAddr) -> Self {
        let reported = (client != self.peer.ip()).then_some(client);
        Self { reported, ..self }
    }

    /// The IP address of the peer that sent this request, if the server inserted it.
    pub(crate) fn ip_of(head: &Parts) -> Option<IpAddr> {
        let address: &Self = head.extensions.get()?;
        Some(address.peer.ip())
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reported {
            Some(client) => client.fmt(f),
            None => self.peer.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_ipv4_peer_becomes_ipv4() {
        for (peer, expected) in [
            ("[::ffff:10.0.0.7]:1", "10.0.0.7:1"),
            ("10.0.0.7:1", "10.0.0.7:1"),
            ("[2001:db8::7]:1", "[2001:db8::7]:1"),
            ("[::1]:1", "[::1]:1"),
        ] {
            let client = ClientAddress::new(peer.parse().unwrap());
            assert_eq!(client.to_string(), expected);
        }
    }
}
