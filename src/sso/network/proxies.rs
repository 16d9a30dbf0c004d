use std::net::IpAddr;

use http::request::Parts;

use crate::error::ConfigError;

/// The address of the TCP peer, in the extensions of a request.
///
/// A server puts it there, since no part of this crate sees the connection. Without it every peer is
/// unknown, and no proxy is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it is an address and never more")]
pub struct ClientAddress(pub IpAddr);

/// The proxies in front of the gateway: the peers whose `X-Forwarded-*` fields are believed.
///
/// ```
/// use portcullis::sso::TrustedProxies;
///
/// assert!(TrustedProxies::new(["10.0.0.0/8", "2001:db8::7"]).is_ok());
/// // Everybody is no proxy.
/// assert!(TrustedProxies::new(["0.0.0.0/0"]).is_err());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TrustedProxies {
    networks: Box<[Network]>,
}

impl TrustedProxies {
    /// The proxies with these addresses, or in these networks: `192.0.2.1`, `10.0.0.0/8`, `fd00::/8`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where there is none; for what is neither; for a network with bits set behind its
    /// prefix; for a prefix of no bits, which is everybody; and for IPv4 that is written as IPv6.
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
            return Err(refuse("there must be one".to_owned()));
        }
        Ok(Self { networks })
    }

    /// Whether the peer that sent this request is one of them.
    pub(crate) fn sent(&self, head: &Parts) -> bool {
        peer(head).is_some_and(|peer| self.contain(peer))
    }

    pub(super) fn contain(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(address))
    }
}

#[derive(Clone, Debug)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| "is not an IP address")?;
        if address.to_canonical() != address {
            return Err("is IPv4 written as IPv6");
        }
        let (bits, width) = bits_of(address);
        let prefix = match prefix {
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => prefix.parse().ok(),
            Some(_) => None,
            None => Some(width),
        };
        match prefix {
            Some(0) => Err("is everybody"),
            Some(prefix) if prefix > width => Err("has a prefix longer than the address"),
            Some(prefix) if prefix < width && bits << (128 - width + prefix) != 0 => {
                Err("has bits behind its prefix")
            }
            Some(prefix) => Ok(Self { address, prefix }),
            None => Err("has a prefix that is not a number"),
        }
    }

    fn contains(&self, address: IpAddr) -> bool {
        let (own, width) = bits_of(self.address);
        let (other, other_width) = bits_of(address);
        width == other_width && (own ^ other) >> (width - self.prefix) == 0
    }
}

/// The bits of an address, and how many there are.
fn bits_of(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), 32),
        IpAddr::V6(address) => (address.into(), 128),
    }
}

pub(super) fn peer(head: &Parts) -> Option<IpAddr> {
    let ClientAddress(address) = head.extensions.get()?;
    // A socket that listens for both shows a peer of IPv4 as one of IPv6.
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests;
