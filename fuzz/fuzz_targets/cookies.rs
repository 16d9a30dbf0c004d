//! Session cookies. Only a value that was sealed for the same use can be opened; the cookies of a request
//! are read as slow twins read them, those of a session and that of sign-ins; and a browser that stores every response sends back the last value,
//! and no other cookie.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use http::header::COOKIE;
use http::request::Parts;
use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use portcullis::fuzzing::{login_secret, opened, sealed, session_cookie, set_session_cookie};
use portcullis::session::CookieKeys;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    text: &'a str,
    plain: &'a [u8],
    bound_to: &'a [u8],
    other: &'a [u8],
    place: usize,
    bit: u8,
    /// Made of [`PIECES`].
    fields: Vec<Vec<u8>>,
    /// The lengths of the values that responses set, one after the other; `None` removes the cookie.
    lengths: Vec<Option<u16>>,
}

const OLD: &str = "an old secret of thirty-two bytes";
const NEW: &str = "a new secret, of more than thirty-two bytes";

const PIECES: [&[u8]; 16] = [
    b"s",
    b"s-1",
    b"s-2",
    b"s-login",
    b"=",
    b".",
    b";",
    b"; ",
    b"v",
    b" ",
    b"\t",
    b"\xff",
    b"portcullis-login",
    b"portcullis-login=",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    b"g",
];

fuzz_target!(|input: Input<'_>| {
    check_sealing(&input);
    check_reading(&input.fields);
    check_a_browser(&input.lengths);
});

fn check_sealing(input: &Input<'_>) {
    let old = CookieKeys::new(OLD).expect("it is good enough");
    let keys = CookieKeys::new(NEW).and_then(|keys| keys.with_previous(OLD));
    let keys = keys.expect("they are good enough");
    let open = |text: &str| opened(&keys, "session", text, input.bound_to);
    assert_eq!(open(input.text), None, "it was never sealed");

    for by in [&old, &keys] {
        let text = sealed(by, "session", input.plain, input.bound_to);
        assert_eq!(open(&text).as_deref(), Some(input.plain));
        assert_eq!(opened(&keys, "login", &text, input.bound_to), None);
        if input.other != input.bound_to {
            assert_eq!(opened(&keys, "session", &text, input.other), None);
        }
        let mut changed = text.clone().into_bytes();
        let place = input.place % changed.len();
        changed[place] ^= 1 << (input.bit % 7);
        let changed = String::from_utf8(changed).expect("ASCII");
        assert_eq!(open(&changed), None, "{changed}");
        assert_eq!(open(&text[..place]), None);
        assert_eq!(open(&format!("{text}{}", &text[place..])), None);
    }
    let new = sealed(&keys, "session", input.plain, input.bound_to);
    assert_eq!(opened(&old, "session", &new, input.bound_to), None);
}

fn check_reading(fields: &[Vec<u8>]) {
    let mut request = Request::new(());
    for field in fields {
        let pieces = field
            .iter()
            .map(|&piece| PIECES[usize::from(piece) % PIECES.len()]);
        let field = HeaderValue::from_bytes(&pieces.collect::<Vec<_>>().concat());
        request
            .headers_mut()
            .append(COOKIE, field.expect("no control characters"));
    }
    let (head, ()) = request.into_parts();
    assert_eq!(session_cookie(&head), twin(&head));
    assert_eq!(login_secret(&head), login_twin(&head));
    let cleared = set_session_cookie(None, &head).expect("nothing is not too long");
    let shown = ["s", "s-1"].map(|name| !values(&head, name).is_empty());
    assert_eq!(cleared.len(), shown.iter().filter(|shown| **shown).count());
}

fn twin(head: &Parts) -> Option<Result<String, ()>> {
    let one = |name| match &values(head, name)[..] {
        [] => None,
        [value] => Some(String::from_utf8(value.clone()).map_err(|_| ())),
        _ => Some(Err(())),
    };
    let first = match one("s")? {
        Ok(first) => first,
        Err(()) => return Some(Err(())),
    };
    if !first.ends_with('.') {
        return Some(Ok(first));
    }
    match one("s-1") {
        Some(Ok(second)) => Some(Ok(first[..first.len() - 1].to_owned() + &second)),
        _ => Some(Err(())),
    }
}

/// The first of eight values that is base64url of 32 bytes, six bits at a time.
fn login_twin(head: &Parts) -> Option<[u8; 32]> {
    let alphabet = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_']);
    let alphabet: Vec<_> = alphabet.collect();
    let values = values(head, "portcullis-login").into_iter().take(8);
    values.into_iter().find_map(|value| {
        let value = String::from_utf8(value).ok()?;
        let sixes: Option<Vec<_>> = value
            .chars()
            .map(|c| alphabet.iter().position(|known| *known == c))
            .collect();
        let sixes = sixes.filter(|sixes| sixes.len() == 43 && sixes[42] % 4 == 0)?;
        let bit = |i: usize| (sixes[i / 6] >> (5 - i % 6)) & 1;
        let byte = |i: usize| (0..8).fold(0, |byte, j| byte * 2 + bit(i * 8 + j) as u8);
        Some(std::array::from_fn(byte))
    })
}

/// The values of a name, read byte by byte.
fn values(head: &Parts, name: &str) -> Vec<Vec<u8>> {
    let mut values = Vec::new();
    for field in head.headers.get_all(COOKIE) {
        let mut pair = Vec::new();
        for &byte in field.as_bytes().iter().chain(b";") {
            match byte {
                b';' => {
                    while let Some(b' ' | b'\t') = pair.last() {
                        pair.pop();
                    }
                    let mut halves = pair.splitn(2, |&byte| byte == b'=');
                    if !pair.is_empty() && halves.next() == Some(name.as_bytes()) {
                        values.push(halves.next().unwrap_or_default().to_vec());
                    }
                    pair.clear();
                }
                b' ' | b'\t' if pair.is_empty() => {}
                byte => pair.push(byte),
            }
        }
    }
    values
}

fn check_a_browser(lengths: &[Option<u16>]) {
    let mut cookies = BTreeMap::from([("t".to_owned(), "other".to_owned())]);
    for length in lengths.iter().take(8) {
        let before = head(&cookies);
        let value = length.map(|length| "v".repeat(usize::from(length) % 10_000));
        let Some(lines) = set_session_cookie(value.as_deref(), &before) else {
            let length = value.map(|value| value.len());
            assert!(length > Some(4047 - 1 + 4045), "{length:?} fit");
            continue;
        };
        for line in lines {
            assert!(line.len() <= 4096);
            let line = line.to_str().expect("ASCII");
            let (pair, attributes) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            if attributes.contains("Max-Age=0;") {
                assert!(cookies.remove(name).is_some());
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let shown = session_cookie(&head(&cookies));
        assert_eq!(shown, value.clone().map(Ok));
        let parts = value.map_or(0, |value| if value.len() > 4047 { 2 } else { 1 });
        assert_eq!(cookies.len(), 1 + parts);
    }
}

fn head(cookies: &BTreeMap<String, String>) -> Parts {
    let pairs = cookies.iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let request = Request::get("/").header(COOKIE, pairs.join("; "));
    request.body(()).expect("a request").into_parts().0
}
