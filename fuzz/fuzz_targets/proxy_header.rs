//! The header of the PROXY protocol. A stream is read as a slow twin reads it, of which no byte after the
//! header is asked for; and a header that a proxy writes for some addresses is read back.
#![no_main]

use std::net::{IpAddr, SocketAddr};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[path = "../../examples/standalone/src/server/proxy_header.rs"]
mod proxy_header;
use proxy_header::{Step, parse};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    source: SocketAddr,
    destination: SocketAddr,
    /// The bytes of what follows the addresses.
    additions: u16,
    stream: &'a [u8],
}

/// What a stream says.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// It ends within the header.
    End,
    Malformed,
    /// A header of so many bytes.
    Header(usize, Option<SocketAddr>),
}

fuzz_target!(|input: Input<'_>| {
    let found = read(input.stream);
    let expected = twin(input.stream);
    match (&found, &expected) {
        // The twin sees the whole stream, and so faults in what has not been asked for yet.
        (Found::End, Found::Malformed) => {}
        _ => assert_eq!(found, expected),
    }

    let (source, destination) = (input.source, input.destination);
    for header in [
        line(source, destination),
        binary(source, destination, input.additions),
    ] {
        let Some(header) = header else { continue };
        let named = Some(SocketAddr::new(source.ip(), source.port()));
        let expected = Found::Header(header.len(), named);
        assert_eq!(read(&[&header, input.stream].concat()), expected);
        assert_eq!(twin(&header), expected);
        assert_eq!(read(&header[..header.len() - 1]), Found::End);
    }
});

/// Reads as the server does.
fn read(stream: &[u8]) -> Found {
    let mut end = 0;
    loop {
        match parse(&stream[..end]) {
            Err(_) => return Found::Malformed,
            Ok(Step::Done(client)) => return Found::Header(end, client),
            Ok(Step::More(more)) => {
                assert!(more > 0);
                if end + more > stream.len() {
                    return Found::End;
                }
                end += more;
            }
        }
    }
}

fn twin(stream: &[u8]) -> Found {
    let signature = b"\x0D\x0A\x0D\x0A\x00\x0D\x0A\x51\x55\x49\x54\x0A";
    let is_prefix = |of: &[u8]| stream.len() < of.len() && of.starts_with(stream);
    if is_prefix(signature) || is_prefix(b"PROXY ") {
        return Found::End;
    }
    if let Some(rest) = stream.strip_prefix(signature) {
        return twin_of_binary(rest);
    }
    if !stream.starts_with(b"PROXY ") {
        return Found::Malformed;
    }
    let shown: Vec<u8> = stream.iter().copied().take(107).collect();
    let Some(end) = (0..shown.len()).find(|&at| shown[at..].starts_with(b"\r\n")) else {
        return if shown.len() == 107 {
            Found::Malformed
        } else {
            Found::End
        };
    };
    let words: Vec<&[u8]> = shown[..end].split(|byte| *byte == b' ').collect();
    if words[1] == b"UNKNOWN" {
        return Found::Header(end + 2, None);
    }
    let texts: Vec<_> = words
        .iter()
        .map(|word| String::from_utf8_lossy(word))
        .collect();
    let number = |text: &str| {
        let is_number = text == "0" || !text.starts_with('0');
        let digits = text.bytes().all(|it| it.is_ascii_digit());
        (is_number && digits).then(|| text.parse::<u16>().ok())?
    };
    let ip = |text: &str| {
        let ip: IpAddr = text.parse().ok()?;
        let family = if ip.is_ipv4() { "TCP4" } else { "TCP6" };
        (texts[1] == family).then_some(ip)
    };
    if texts.len() != 6 || ip(&texts[3]).is_none() || number(&texts[5]).is_none() {
        return Found::Malformed;
    }
    match (ip(&texts[2]), number(&texts[4])) {
        (Some(ip), Some(port)) => Found::Header(end + 2, Some(SocketAddr::new(ip, port))),
        _ => Found::Malformed,
    }
}

fn twin_of_binary(rest: &[u8]) -> Found {
    let &[command, kind, high, low, ref block @ ..] = rest else {
        return Found::End;
    };
    let length = usize::from(high) * 256 + usize::from(low);
    let (family, transport) = (kind / 16, kind % 16);
    let needed = match (family, transport) {
        _ if command == 0x20 => 0,
        (0, 0) => 0,
        (1, 1..=2) => 4 + 4 + 2 + 2,
        (2, 1..=2) => 16 + 16 + 2 + 2,
        (3, 1..=2) => 108 + 108,
        _ => return Found::Malformed,
    };
    if !(0x20..=0x21).contains(&command) || length > 4096 || length < needed {
        return Found::Malformed;
    }
    if block.len() < length {
        return Found::End;
    }
    let port = |at: usize| u16::from(block[at]) << 8 | u16::from(block[at + 1]);
    let client = match (needed, family) {
        (12, _) => {
            let octets: [u8; 4] = block[..4].try_into().expect("four");
            Some(SocketAddr::new(octets.into(), port(8)))
        }
        (36, _) => {
            let octets: [u8; 16] = block[..16].try_into().expect("sixteen");
            Some(SocketAddr::new(octets.into(), port(32)))
        }
        _ => None,
    };
    Found::Header(16 + length, client)
}

/// Version 1, of two addresses of one family.
fn line(source: SocketAddr, destination: SocketAddr) -> Option<Vec<u8>> {
    if source.is_ipv4() != destination.is_ipv4() {
        return None;
    }
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    let (ip, other) = (source.ip(), destination.ip());
    let (port, other_port) = (source.port(), destination.port());
    Some(format!("PROXY {family} {ip} {other} {port} {other_port}\r\n").into_bytes())
}

/// Version 2.
fn binary(source: SocketAddr, destination: SocketAddr, additions: u16) -> Option<Vec<u8>> {
    let (kind, addresses) = match (source.ip(), destination.ip()) {
        (IpAddr::V4(source), IpAddr::V4(other)) => {
            (0x11, [source.octets(), other.octets()].concat())
        }
        (IpAddr::V6(source), IpAddr::V6(other)) => {
            (0x21, [source.octets(), other.octets()].concat())
        }
        _ => return None,
    };
    let ports = [source.port(), destination.port()]
        .map(u16::to_be_bytes)
        .concat();
    let additions = vec![7; usize::from(additions).min(4000)];
    let block = [addresses, ports, additions].concat();
    let length = u16::try_from(block.len()).expect("short").to_be_bytes();
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21".to_vec();
    header.push(kind);
    header.extend(length);
    header.extend(block);
    Some(header)
}
