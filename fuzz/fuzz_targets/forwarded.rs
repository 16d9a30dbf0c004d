//! `TrustedProxies` against a slow twin: which networks are read, which peers are trusted, and what the
//! `X-Forwarded-*` fields then say. The input is a line of networks, a line with the peer, and a request.
#![no_main]

use std::net::{IpAddr, SocketAddr};

use http::request::Parts;
use libfuzzer_sys::fuzz_target;
use portcullis::client_address::{ClientAddress, TrustedProxies};

mod request_text;
use request_text::only_text;

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(3, |&byte| byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (networks, peer, request) = (line(), line(), line());
    let Some(mut head) = request_text::head(request) else {
        return;
    };
    let (Ok(networks), Ok(peer)) = (str::from_utf8(networks), str::from_utf8(peer)) else {
        return;
    };
    let networks: Vec<&str> = networks.split(' ').collect();
    let proxies = TrustedProxies::new(&networks);
    let twins: Option<Vec<_>> = networks.iter().map(|text| Network::parse(text)).collect();
    assert_eq!(proxies.is_ok(), twins.is_some(), "{networks:?}");
    let (Ok(proxies), Some(twins)) = (proxies, twins) else {
        return;
    };
    twins.iter().for_each(Network::check_edges);

    let peer: Option<IpAddr> = peer.parse().ok();
    if let Some(peer) = peer {
        let peer = SocketAddr::new(peer, 51234);
        head.extensions.insert(ClientAddress::new(peer));
    }
    let is_trusted = |address: IpAddr| twins.iter().any(|network| network.contains(address));
    assert_eq!(proxies.client_ip(&head), client(&head, peer, is_trusted));

    let expected = peer
        .filter(|&peer| is_trusted(peer))
        .and_then(|_| scheme_and_host(&head));
    assert_eq!(proxies.scheme_and_host(&head), expected);
});

/// The bits that all addresses of a network begin with, and the width of its addresses.
struct Network {
    prefix: Vec<bool>,
    width: usize,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let (address, length) = match parts[..] {
            [address] => (address, None),
            [address, length] => (address, Some(length)),
            _ => return None,
        };
        let address: IpAddr = address.parse().ok()?;
        if matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
            return None;
        }
        let mut bits = bits(address);
        let width = bits.len();
        let length: usize = match length {
            None => width,
            Some(digits) if digits.bytes().any(|byte| !byte.is_ascii_digit()) => return None,
            Some(digits) => digits.parse().ok()?,
        };
        if length == 0 || length > width || bits[length..].contains(&true) {
            return None;
        }
        bits.truncate(length);
        let prefix = bits;
        Some(Self { prefix, width })
    }

    fn contains(&self, address: IpAddr) -> bool {
        let bits = bits(address.to_canonical());
        bits.len() == self.width && bits.starts_with(&self.prefix)
    }

    /// A network has its first and its last address, and not the ones beside it.
    fn check_edges(&self) {
        let filled = |last, rest| {
            let mut bits = self.prefix.clone();
            *bits.last_mut().expect("a prefix has a bit") ^= last;
            bits.resize(self.width, rest);
            address(&bits)
        };
        let text = format!("{}/{}", filled(false, false), self.prefix.len());
        if Self::parse(&text).is_none() {
            // The network of all mapped IPv4 addresses begins with one.
            return;
        }
        let proxies = TrustedProxies::new([&text]).expect("it is written as it was read");
        for (last, rest) in [(false, false), (false, true), (true, false), (true, true)] {
            let address = filled(last, rest);
            assert_eq!(proxies.contains(address), self.contains(address), "{text}");
            let is_mapped = address.to_canonical() != address;
            assert_eq!(proxies.contains(address), !last && !is_mapped, "{text}");
        }
    }
}

fn bits(address: IpAddr) -> Vec<bool> {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    bits.collect()
}

fn address(bits: &[bool]) -> IpAddr {
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
    let bytes: Vec<u8> = bits.chunks(8).map(byte).collect();
    match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(bytes) => bytes.into(),
        Err(_) => <[u8; 16]>::try_from(&bytes[..]).expect("16 bytes").into(),
    }
}

/// All hops in one list, the peer last: the last of them that is not trusted, else the first.
fn client(
    head: &Parts,
    peer: Option<IpAddr>,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut hops = Vec::new();
    for line in head.headers.get_all("x-forwarded-for") {
        let entries = line.as_bytes().split(|&byte| byte == b',');
        hops.extend(entries.map(hop));
    }
    hops.push(Some(peer?.to_canonical()));
    for (place, hop) in hops.iter().enumerate().rev() {
        let hop = (*hop)?;
        if place == 0 || !is_trusted(hop) {
            return Some(hop);
        }
    }
    unreachable!("the first hop is the last resort")
}

fn hop(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim();
    let inside = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let with_port: Option<SocketAddr> = text.parse().ok();
    let address = text.parse().ok();
    let address = address.or_else(|| inside?.parse().ok());
    let address = address.or_else(|| with_port.map(|it| it.ip()))?;
    Some(address.to_canonical())
}

fn scheme_and_host(head: &Parts) -> Option<(&str, &str)> {
    let scheme = only_text(head, "x-forwarded-proto")?;
    let host = match head.headers.get_all("x-forwarded-host").iter().count() {
        0 => match head.uri.authority() {
            Some(authority) => authority.as_str(),
            None => only_text(head, "host")?,
        },
        _ => only_text(head, "x-forwarded-host")?,
    };
    Some((scheme, host))
}
