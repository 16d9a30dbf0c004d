use std::net::IpAddr;

use http::request::Parts;

use super::address::ClientAddress;
use super::forwarded::{X_FORWARDED_HOST, X_FORWARDED_PROTO, asked_host, forwarded_for, only_text};
use super::network::Network;
use crate::error::ConfigError;

/// The proxies in front of the gateway: the peers whose `X-Forwarded-*` fields are trusted.
///
/// See the [module docs](crate::client_address).
///
/// ```
/// use portcullis::client_address::TrustedProxies;
///
/// assert!(TrustedProxies::new(["10.0.0.0/8", "2001:db8::7"]).is_ok());
/// // Not every peer is a proxy.
/// assert!(TrustedProxies::new(["0.0.0.0/0"]).is_err());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TrustedProxies {
    networks: Box<[Network]>,
}

impl TrustedProxies {
    /// Trusts the proxies with these addresses or in these networks: `192.0.2.1`, `10.0.0.0/8`,
    /// `fd00::/8`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the list is empty; if an entry is neither an address nor a network; if a
    /// network has bits set after its prefix; if a prefix has no bits, so that it contains every address; and
    /// if IPv4 is written as IPv6.
    pub fn new<I>(networks: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let refuse = |problem: String| ConfigError::new("trusted proxies", problem);
        let networks = networks.into_iter().map(|network| {
            let network = network.as_ref();
            Network::parse(network).map_err(|problem| refuse(format!("{network:?} {problem}")))
        });
        let networks: Box<[Network]> = networks.collect::<Result<_, _>>()?;
        if networks.is_empty() {
            return Err(refuse("must not be empty".to_owned()));
        }
        Ok(Self { networks })
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(address))
    }

    /// The address of the client that this request comes from.
    ///
    /// It is the peer; if that is a trusted proxy, the last address in `X-Forwarded-For` that is not one; and
    /// if all of them are proxies, the first.
    ///
    /// Returns `None` if the peer is unknown, or if a trusted proxy sends an entry that is not an address.
    #[must_use]
    pub fn client_ip(&self, head: &Parts) -> Option<IpAddr> {
        let mut address = ClientAddress::ip_of(head)?;
        let mut hops = forwarded_for(&head.headers);
        while self.contains(address) {
            match hops.next() {
                Some(hop) => address = hop?,
                None => break,
            }
        }
        Some(address)
    }

    /// The scheme and host that the client asked for, unchecked: `X-Forwarded-Proto`, and
    /// `X-Forwarded-Host`, or without that field the request's own host.
    ///
    /// Returns `None` if the peer is not a trusted proxy, or if one of these fields is missing or occurs twice.
    #[must_use]
    pub fn scheme_and_host<'a>(&self, head: &'a Parts) -> Option<(&'a str, &'a str)> {
        if !self.contains(ClientAddress::ip_of(head)?) {
            return None;
        }
        let host = if head.headers.contains_key(X_FORWARDED_HOST) {
            only_text(head, &X_FORWARDED_HOST)
        } else {
            asked_host(head)
        };
        Some((only_text(head, &X_FORWARDED_PROTO)?, host?))
    }
}

#[cfg(test)]
mod tests;
