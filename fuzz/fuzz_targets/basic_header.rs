//! `BasicCredentials` against a slow twin. Every line of the input is an `Authorization` field.
#![no_main]

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use portcullis::gate::{BasicCredentials, Carrier, Presented, RefusalKind};

fuzz_target!(|data: &[u8]| {
    let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    let Some(mut head) = head(&lines) else { return };

    let expected = twin(&lines);
    assert_eq!(shown(&head), expected);

    // An inner service sees no Basic field, and all other fields in order.
    Carrier::basic_password().strip(&mut head);
    let kept: Vec<_> = head.headers.get_all(AUTHORIZATION).iter().collect();
    let others: Vec<_> = lines.iter().filter(|line| !is_basic(line)).collect();
    assert_eq!(kept, others);
});

fn head(lines: &[&[u8]]) -> Option<Parts> {
    let (mut head, ()) = Request::new(()).into_parts();
    for line in lines {
        let field = HeaderValue::from_bytes(line).ok()?;
        head.headers.append(AUTHORIZATION, field);
    }
    Some(head)
}

#[derive(Debug, PartialEq)]
enum Shown {
    Absent,
    Malformed,
    Invalid,
    Given { user: String, password: String },
}

fn shown(head: &Parts) -> Shown {
    match BasicCredentials::from_head(head) {
        Presented::Absent => Shown::Absent,
        Presented::Refused(refusal) => match refusal.kind() {
            RefusalKind::Malformed => Shown::Malformed,
            RefusalKind::Invalid => Shown::Invalid,
            other => panic!("refused as {other:?}"),
        },
        Presented::Given(credentials) => Shown::Given {
            user: credentials.user().to_owned(),
            password: credentials.password().to_owned(),
        },
        other => panic!("{other:?}"),
    }
}

fn twin(lines: &[&[u8]]) -> Shown {
    let [line] = lines else {
        return Shown::Malformed;
    };
    if !is_basic(line) {
        return Shown::Absent;
    }
    match credentials(&line["Basic".len()..]) {
        Some((user, password)) => Shown::Given { user, password },
        None => Shown::Invalid,
    }
}

/// Whether the scheme, the longest token at the start of the field, is Basic (RFC 9110 section 11.4).
fn is_basic(line: &[u8]) -> bool {
    let mut scheme = String::new();
    for &byte in line {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => scheme.push(byte.into()),
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_'
            | b'`' | b'|' | b'~' => scheme.push(byte.into()),
            _ => break,
        }
    }
    scheme.to_lowercase() == "basic"
}

fn credentials(after_scheme: &[u8]) -> Option<(String, String)> {
    let mut encoded = after_scheme.strip_prefix(b" ")?;
    while let Some(rest) = encoded.strip_prefix(b" ") {
        encoded = rest;
    }
    let text = String::from_utf8(from_base64(encoded)?).ok()?;
    if text.chars().any(|c| c < ' ' || c == '\x7F') {
        return None;
    }
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes loosely, then accepts only text that encodes back to itself: RFC 4648 gives each
/// sequence of bytes one encoding.
fn from_base64(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for &byte in encoded.iter().filter(|&&byte| byte != b'=') {
        let value = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    let number = |bits: &[bool]| bits.iter().fold(0, |sum, &bit| sum * 2 + usize::from(bit));
    let decoded: Vec<u8> = bits
        .chunks_exact(8)
        .map(|bits| number(bits) as u8)
        .collect();

    let mut again = Vec::new();
    for group in decoded.chunks(3) {
        let mut bits: Vec<bool> = group
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
            .collect();
        bits.resize(bits.len().div_ceil(6) * 6, false);
        again.extend(bits.chunks(6).map(|bits| ALPHABET[number(bits)]));
        again.resize(again.len().div_ceil(4) * 4, b'=');
    }
    (again == encoded).then_some(decoded)
}
