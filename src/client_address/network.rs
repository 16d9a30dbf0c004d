use std::net::IpAddr;

/// The addresses that share the first bits of one.
#[derive(Clone, Debug)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads an address, or a network in CIDR notation.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| "is not an IP address")?;
        if address.to_canonical() != address {
            return Err("is IPv4 written as IPv6; write it as IPv4");
        }
        let (bits, width) = bits_of(address);
        let prefix = match prefix {
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => prefix.parse().ok(),
            Some(_) => None,
            None => Some(width),
        };
        match prefix {
            Some(0) => Err("contains every address; name the networks of the proxies"),
            Some(prefix) if prefix > width => Err("has a prefix longer than the address"),
            Some(prefix) if prefix < width && bits << (128 - width + prefix) != 0 => {
                Err("has bits set after its prefix")
            }
            Some(prefix) => Ok(Self { address, prefix }),
            None => Err("has a prefix that is not a number"),
        }
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
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
