//! The header of the PROXY protocol, versions 1 and 2, by sections 2.1 and 2.2 of `proxy-protocol.txt`,
//! which comes with `HAProxy`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What the bytes so far are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The beginning of a header that has at least this many bytes more.
    More(usize),
    /// A whole header, and the client that it names. It names none for the proxy's own checks, and for a
    /// client of another kind of network.
    Done(Option<SocketAddr>),
}

/// How version 1 begins, and its longest line.
const WORD: &[u8] = b"PROXY ";
const LONGEST_LINE: usize = 107;
/// `PROXY UNKNOWN` and the end of the line.
const SHORTEST_LINE: usize = 15;

/// How version 2 begins. No version of HTTP and of TLS begins so.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const FIXED: usize = 16;
/// The longest part after the fixed one: addresses, and additions that are skipped, such as a certificate's
/// subject.
const LONGEST_REST: usize = 4096;

/// Reads the bytes that have come, which must be no more than were asked for.
///
/// # Errors
///
/// Returns what is wrong with them. It holds nothing of them, since they may be those of a request.
pub(crate) fn parse(bytes: &[u8]) -> Result<Step, &'static str> {
    let begins = |with: &[u8]| bytes.iter().zip(with).all(|(byte, other)| byte == other);
    if begins(SIGNATURE) {
        return match bytes.len() {
            length @ ..FIXED => Ok(Step::More(
                SIGNATURE.len().max(length + 1).min(FIXED) - length,
            )),
            _ => of_binary(bytes),
        };
    }
    if !begins(WORD) {
        return Err("it does not begin with one");
    }
    match bytes.len() {
        length @ ..SHORTEST_LINE => Ok(Step::More(SHORTEST_LINE - length)),
        _ => of_text(bytes),
    }
}

fn of_text(bytes: &[u8]) -> Result<Step, &'static str> {
    const MALFORMED: &str = "its line is malformed";
    let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") else {
        return if bytes.len() < LONGEST_LINE {
            Ok(Step::More(1))
        } else {
            Err("its line is longer than 107 bytes")
        };
    };
    if end + 2 != bytes.len() {
        return Err(MALFORMED);
    }
    let mut fields = bytes[WORD.len()..end].split(|&byte| byte == b' ');
    let family = fields.next();
    if family == Some(b"UNKNOWN") {
        // What follows is for people.
        return Ok(Step::Done(None));
    }
    let fields: Result<Vec<_>, _> = fields.map(str::from_utf8).collect();
    let fields = fields.map_err(|_| MALFORMED)?;
    let &[source, destination, source_port, destination_port] = &fields[..] else {
        return Err(MALFORMED);
    };
    let ip = |text: &str| match family {
        Some(b"TCP4") => text.parse::<Ipv4Addr>().ok().map(IpAddr::from),
        Some(b"TCP6") => text.parse::<Ipv6Addr>().ok().map(IpAddr::from),
        _ => None,
    };
    let address = |host, port| Some(SocketAddr::new(ip(host)?, of_digits(port)?));
    let source = address(source, source_port).zip(address(destination, destination_port));
    let (source, _) = source.ok_or(MALFORMED)?;
    Ok(Step::Done(Some(source)))
}

/// A port without leading zeros.
fn of_digits(text: &str) -> Option<u16> {
    let number: u16 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn of_binary(bytes: &[u8]) -> Result<Step, &'static str> {
    let (fixed, rest) = bytes.split_at(FIXED);
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if length > LONGEST_REST {
        return Err("it is longer than 4112 bytes");
    }
    let is_local = match fixed[12] {
        0x20 => true,
        0x21 => false,
        other if other >> 4 == 2 => return Err("its command is unknown"),
        _ => return Err("its version is unknown"),
    };
    let addresses = match fixed[13] {
        _ if is_local => 0,
        // Nothing, IPv4, IPv6 and Unix sockets, each with TCP or UDP.
        0x00 => 0,
        0x11 | 0x12 => 12,
        0x21 | 0x22 => 36,
        0x31 | 0x32 => 216,
        _ => return Err("its kind of address is unknown"),
    };
    if length < addresses {
        return Err("its addresses are cut off");
    }
    if rest.len() < length {
        return Ok(Step::More(length - rest.len()));
    }
    let port = |at: usize| u16::from_be_bytes([rest[at], rest[at + 1]]);
    Ok(Step::Done(match (addresses, rest) {
        (12, &[a, b, c, d, ..]) => Some(SocketAddr::from(([a, b, c, d], port(8)))),
        (36, _) => rest
            .first_chunk::<16>()
            .map(|it| SocketAddr::from((*it, port(32)))),
        _ => None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a stream that begins with `bytes` says, and how many of them are the header's.
    fn read(bytes: &[u8]) -> (Result<Step, &'static str>, usize) {
        let mut end = 0;
        loop {
            match parse(&bytes[..end]) {
                Ok(Step::More(more)) if end + more <= bytes.len() => end += more,
                other => return (other, end),
            }
        }
    }

    fn client(text: &str) -> Step {
        Step::Done(Some(text.parse().unwrap()))
    }

    const NONE: Result<Step, &str> = Ok(Step::Done(None));
    const MALFORMED: Result<Step, &str> = Err("its line is malformed");

    #[test]
    fn lines_of_version_1_are_read() {
        let longest = "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff \
                       ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535";
        assert_eq!(longest.len() + 2, LONGEST_LINE);
        let too_long = format!("{longest}0");
        for (line, expected) in [
            (
                "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443",
                Ok(client("192.0.2.1:56324")),
            ),
            (
                "PROXY TCP4 255.255.255.255 255.255.255.255 65535 0",
                Ok(client("255.255.255.255:65535")),
            ),
            (
                "PROXY TCP6 2001:db8::1 2001:DB8::2 1 2",
                Ok(client("[2001:db8::1]:1")),
            ),
            ("PROXY UNKNOWN", NONE),
            ("PROXY UNKNOWN whatever \u{ff}", NONE),
            (longest, NONE),
            (&too_long, Err("its line is longer than 107 bytes")),
            ("PROXY UNKNOWNS", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 ", MALFORMED),
            ("PROXY TCP4 192.0.2.1  198.51.100.1 56324 443", MALFORMED),
            ("PROXY TCP4 192.0.2.01 198.51.100.1 56324 443", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 056324 443", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 +5632 443", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.1 65536 443", MALFORMED),
            ("PROXY TCP4 192.0.2.1 198.51.100.256 1 443", MALFORMED),
            ("PROXY TCP4 2001:db8::1 2001:db8::2 1 2", MALFORMED),
            ("PROXY TCP6 192.0.2.1 198.51.100.1 1 2", MALFORMED),
            ("PROXY UDP4 192.0.2.1 198.51.100.1 1 2", MALFORMED),
            ("PROXY \r\n TCP4 192.0.2.1", MALFORMED),
            (
                "proxy TCP4 192.0.2.1 198.51.100.1 1 2",
                Err("it does not begin with one"),
            ),
            ("GET / HTTP/1.1", Err("it does not begin with one")),
        ] {
            let (found, end) = read(format!("{line}\r\nGET / HTTP/1.1\r\n").as_bytes());
            assert_eq!(found, expected, "{line}");
            if expected.is_ok() {
                assert_eq!(end, line.len() + 2, "{line}");
            }
        }
        let bare = read(b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\nGET");
        assert_eq!(bare.0, Ok(Step::More(1)), "a bare line feed ends nothing");
        let text = b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \xff\r\n";
        assert_eq!(read(text).0, MALFORMED, "a field more, which is not UTF-8");
    }

    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE, &[command, family], &length, rest].concat()
    }

    /// From 192.0.2.1:56324 to 198.51.100.1:443.
    const V4: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 1, 220, 4, 1, 187];

    #[test]
    fn headers_of_version_2_are_read() {
        let v4 = V4;
        let named = Ok(client("192.0.2.1:56324"));
        let v6 = [Ipv6Addr::LOCALHOST.octets(), [9; 16]].concat();
        let v6 = [&v6[..], &[0, 1, 0, 2]].concat();
        let additions = |length| [&v4[..], &vec![7; length]].concat();
        for (name, command, family, rest, expected) in [
            ("TCP over IPv4", 0x21, 0x11, v4.to_vec(), named),
            ("UDP over IPv4", 0x21, 0x12, v4.to_vec(), named),
            (
                "TCP over IPv6",
                0x21,
                0x21,
                v6.clone(),
                Ok(client("[::1]:1")),
            ),
            ("additions", 0x21, 0x11, additions(50), named),
            ("most additions", 0x21, 0x11, additions(4084), named),
            ("a Unix socket", 0x21, 0x31, vec![0; 216], NONE),
            ("unspecified", 0x21, 0x00, v4.to_vec(), NONE),
            ("nothing", 0x21, 0x00, Vec::new(), NONE),
            ("a check", 0x20, 0x00, Vec::new(), NONE),
            ("a check with an address", 0x20, 0x11, v4.to_vec(), NONE),
            ("a check of any family", 0x20, 0xff, vec![1], NONE),
        ] {
            let bytes = header(command, family, &rest);
            let found = read(&[&bytes[..], b"GET / HTTP/1.1\r\n"].concat());
            assert_eq!(found, (expected, bytes.len()), "{name}");
        }
    }

    #[test]
    fn other_headers_of_version_2_are_refused() {
        for (name, command, family, rest, problem) in [
            (
                "too many",
                0x21,
                0x11,
                vec![7; 4097],
                "it is longer than 4112 bytes",
            ),
            (
                "cut off",
                0x21,
                0x11,
                V4[..11].to_vec(),
                "its addresses are cut off",
            ),
            (
                "IPv4 for IPv6",
                0x21,
                0x21,
                V4.to_vec(),
                "its addresses are cut off",
            ),
            (
                "another family",
                0x21,
                0x41,
                V4.to_vec(),
                "its kind of address is unknown",
            ),
            (
                "no transport",
                0x21,
                0x10,
                V4.to_vec(),
                "its kind of address is unknown",
            ),
            (
                "another command",
                0x22,
                0x11,
                V4.to_vec(),
                "its command is unknown",
            ),
            (
                "another version",
                0x11,
                0x11,
                V4.to_vec(),
                "its version is unknown",
            ),
        ] {
            let (found, _) = read(&header(command, family, &rest));
            assert_eq!(found, Err(problem), "{name}");
        }
    }
}
