use std::borrow::Cow;

use super::error::PathErrorKind;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Encodes a path: every byte except unreserved ones and `/` becomes an upper-case `%XX`.
pub(super) fn encode_path(decoded: &str) -> Cow<'_, str> {
    let plain = |byte: u8| is_unreserved(byte) || byte == b'/';
    if decoded.bytes().all(plain) {
        return Cow::Borrowed(decoded);
    }
    let mut encoded = String::with_capacity(decoded.len() + 16);
    for byte in decoded.bytes() {
        push(&mut encoded, byte, plain(byte));
    }
    Cow::Owned(encoded)
}

/// Appends the name or value of a query parameter, with `/` encoded too.
#[cfg(feature = "sigv4")]
pub(crate) fn encode_component_into(encoded: &mut String, decoded: &[u8]) {
    for &byte in decoded {
        push(encoded, byte, is_unreserved(byte));
    }
}

fn push(encoded: &mut String, byte: u8, plain: bool) {
    if plain {
        encoded.push(char::from(byte));
    } else {
        encoded.push('%');
        encoded.push(char::from(HEX[usize::from(byte >> 4)]));
        encoded.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

/// Decodes every `%XX` once.
pub(crate) fn decode(encoded: &str) -> Result<Cow<'_, str>, PathErrorKind> {
    let Some(first) = encoded.find('%') else {
        return Ok(Cow::Borrowed(encoded));
    };
    let mut decoded = Vec::with_capacity(encoded.len());
    decoded.extend_from_slice(&encoded.as_bytes()[..first]);
    let mut rest = encoded.as_bytes()[first..].iter();
    while let Some(&byte) = rest.next() {
        decoded.push(if byte == b'%' {
            let high = hex_digit(rest.next()).ok_or(PathErrorKind::BadEscape)?;
            let low = hex_digit(rest.next()).ok_or(PathErrorKind::BadEscape)?;
            high << 4 | low
        } else {
            byte
        });
    }
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|_| PathErrorKind::NotUtf8)
}

fn hex_digit(byte: Option<&u8>) -> Option<u8> {
    match *byte? {
        digit @ b'0'..=b'9' => Some(digit - b'0'),
        digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
        digit @ b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
