use std::net::IpAddr;

use portcullis::client_address::{ClientNetwork, TrustedProxies};

/// The peers that report the addresses of others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    /// Those whose `X-Forwarded-*` fields count.
    pub(crate) trusted: Option<TrustedProxies>,
    /// Those that begin each connection with a header of the PROXY protocol.
    pub(crate) proxy_protocol: Option<TrustedProxies>,
}

impl Proxies {
    /// Whether a connection of this peer begins with a header.
    pub(super) fn send_headers(&self, peer: IpAddr) -> bool {
        let senders = self.proxy_protocol.as_ref();
        senders.is_some_and(|it| it.contains(peer))
    }

    /// The network whose share a connection of this client takes; `None` for that of a trusted proxy, whose
    /// connections are those of many clients.
    pub(super) fn network(&self, client: IpAddr) -> Option<ClientNetwork> {
        let is_proxy = self.trusted.as_ref().is_some_and(|it| it.contains(client));
        (!is_proxy).then(|| ClientNetwork::of(client))
    }
}
