use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::SystemTime;

use http::request::Parts;

use crate::error::ConfigError;

/// The address of the TCP peer, in the extensions of a request: an outer layer puts it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it is an address and never more")]
pub struct ClientAddress(pub IpAddr);

/// The proxies in front of the gateway whose `X-Forwarded-*` fields are believed.
#[derive(Clone, Debug)]
pub struct TrustedProxies {}

impl TrustedProxies {
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn new<I>(networks: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let _ = networks;
        todo!()
    }

    /// Whether the peer of this request is one of them.
    pub(super) fn sent(&self, head: &Parts) -> bool {
        let _ = head;
        todo!()
    }
}

/// Where a request comes from, as far as sign-ins are counted by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ClientNetwork {
    Unknown,
    V4(u32),
    /// The upper half of an address.
    V6(u64),
}

impl ClientNetwork {
    pub(super) fn of(head: &Parts, proxies: Option<&TrustedProxies>) -> Self {
        let _ = (head, proxies);
        todo!()
    }
}

/// How many sign-ins the clients of one network may begin that a session store keeps a marker of.
#[derive(Debug)]
pub(super) struct StartBudget {}

impl StartBudget {
    pub(super) fn new(per_network: NonZeroU32) -> Self {
        let _ = per_network;
        todo!()
    }

    /// Counts a start; `false` where the budget is spent.
    pub(super) fn spend(&self, network: ClientNetwork, now: SystemTime) -> bool {
        let _ = (network, now);
        todo!()
    }
}
