//! `Carrier` against a slow twin: what it finds, and what `strip` leaves of the request.
#![no_main]

use arbitrary::Arbitrary;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use libfuzzer_sys::fuzz_target;
use portcullis::gate::{Carrier, Presented, RefusalKind};

fuzz_target!(|input: Input<'_>| {
    let Some(head) = input.head() else { return };
    for place in input.places() {
        let carrier = place.carrier();
        let found = place.find(&head);
        assert_eq!(shown(&carrier, &head), found, "{place:?}");

        let mut stripped = head.clone();
        carrier.strip(&mut stripped);
        place.check_stripped(&head, &stripped);
        // Two Authorization fields are refused, and fields of another scheme stay.
        if place != Place::Bearer || found != Shown::Malformed {
            assert_eq!(shown(&carrier, &stripped), Shown::Absent, "{place:?}");
        }
        assert_eq!(shown(&carrier, &stripped), place.find(&stripped));

        let mut again = stripped.clone();
        carrier.strip(&mut again);
        assert_eq!(again.headers, stripped.headers);
        assert_eq!(again.uri, stripped.uri);
    }
});

const HEADERS: [&str; 4] = ["authorization", "cookie", "x-token", "x-other"];
const NAMES: [&str; 4] = ["a", "session", "__Host-s.1", "_"];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    target: &'a [u8],
    /// The names of the header, the cookie and the query parameter.
    header: u8,
    name: u8,
    lines: Vec<(u8, &'a [u8])>,
}

impl Input<'_> {
    fn head(&self) -> Option<Parts> {
        let (mut head, ()) = Request::new(()).into_parts();
        head.uri = Uri::try_from(self.target).ok()?;
        for (name, value) in &self.lines {
            let value = HeaderValue::from_bytes(value).ok()?;
            head.headers.append(pick(&HEADERS, *name), value);
        }
        Some(head)
    }

    fn places(&self) -> [Place; 4] {
        let name = pick(&NAMES, self.name);
        [
            Place::Bearer,
            Place::Header(HeaderName::from_static(pick(&HEADERS, self.header))),
            Place::Cookie(name),
            Place::Query(name),
        ]
    }
}

fn pick(names: &[&'static str; 4], number: u8) -> &'static str {
    names[usize::from(number) % names.len()]
}

#[derive(Debug, PartialEq)]
enum Shown {
    Absent,
    Malformed,
    Given(String),
}

fn shown(carrier: &Carrier, head: &Parts) -> Shown {
    match carrier.find(head) {
        Presented::Absent => Shown::Absent,
        Presented::Refused(refusal) => {
            assert_eq!(refusal.kind(), RefusalKind::Malformed);
            Shown::Malformed
        }
        Presented::Given(token) => Shown::Given(token.as_str().to_owned()),
        other => panic!("{other:?}"),
    }
}

#[derive(Debug, PartialEq)]
enum Place {
    Bearer,
    Header(HeaderName),
    Cookie(&'static str),
    Query(&'static str),
}

impl Place {
    fn carrier(&self) -> Carrier {
        match self {
            Self::Bearer => Carrier::bearer(),
            Self::Header(name) => Carrier::header(name.clone()),
            Self::Cookie(name) => Carrier::cookie(*name).expect("a cookie's name"),
            Self::Query(name) => Carrier::insecure_query(*name).expect("a parameter's name"),
        }
    }

    fn find(&self, head: &Parts) -> Shown {
        let tokens = match self {
            Self::Bearer => return bearer(&lines(&head.headers, &AUTHORIZATION)),
            Self::Header(name) => lines(&head.headers, name),
            Self::Cookie(name) => values(&cookies(&head.headers), name),
            Self::Query(name) => values(&parameters(&head.uri), name),
        };
        match &tokens[..] {
            [] => Shown::Absent,
            [token] if !token.is_empty() && token.iter().all(|byte| (33..127).contains(byte)) => {
                Shown::Given(text(token))
            }
            _ => Shown::Malformed,
        }
    }

    /// Only the token is removed, and the rest keeps its order.
    fn check_stripped(&self, before: &Parts, after: &Parts) {
        assert_eq!(after.uri.path(), before.uri.path());
        assert_eq!(after.uri.scheme(), before.uri.scheme());
        assert_eq!(after.uri.authority(), before.uri.authority());
        let parameters = match self {
            Self::Query(name) => others(parameters(&before.uri), name),
            _ => parameters(&before.uri),
        };
        if parameters.len() == self::parameters(&before.uri).len() {
            assert_eq!(after.uri, before.uri);
            assert_eq!(after.uri.query(), before.uri.query());
        } else {
            let query = text(&parameters.join(&b'&'));
            assert_eq!(after.uri.query().unwrap_or_default(), query);
            assert_ne!(
                after.uri.query(),
                Some(""),
                "a question mark without a query"
            );
        }

        for name in HEADERS.map(HeaderName::from_static) {
            let mut kept = lines(&before.headers, &name);
            match self {
                Self::Bearer if name == AUTHORIZATION => kept.retain(|line| !is_bearer(line)),
                Self::Header(stripped) if name == *stripped => kept.clear(),
                Self::Cookie(stripped) if name == COOKIE => {
                    let pairs = cookies(&before.headers);
                    let other_pairs = others(pairs.clone(), stripped);
                    assert_eq!(cookies(&after.headers), other_pairs);
                    if other_pairs.is_empty() && !pairs.is_empty() {
                        kept.clear();
                    } else if other_pairs != pairs {
                        kept = vec![other_pairs.join(&b"; "[..])];
                    }
                }
                _ => {}
            }
            assert_eq!(lines(&after.headers, &name), kept, "{name} of {self:?}");
        }
        assert!(after.headers.len() <= before.headers.len());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn lines(headers: &HeaderMap, name: &HeaderName) -> Vec<Vec<u8>> {
    let lines = headers.get_all(name).iter();
    lines.map(|line| line.as_bytes().to_vec()).collect()
}

/// The pairs of all fields, read byte by byte.
fn cookies(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let mut pairs = Vec::new();
    for line in lines(headers, &COOKIE) {
        let mut pair = Vec::new();
        for byte in line.into_iter().chain(*b";") {
            match byte {
                b';' => {
                    while let Some(b' ' | b'\t') = pair.last() {
                        pair.pop();
                    }
                    if !pair.is_empty() {
                        pairs.push(std::mem::take(&mut pair));
                    }
                }
                b' ' | b'\t' if pair.is_empty() => {}
                byte => pair.push(byte),
            }
        }
    }
    pairs
}

fn parameters(uri: &Uri) -> Vec<Vec<u8>> {
    let mut pairs = vec![Vec::new()];
    for &byte in uri.query().unwrap_or_default().as_bytes() {
        match (byte, pairs.last_mut()) {
            (b'&', _) => pairs.push(Vec::new()),
            (byte, Some(pair)) => pair.push(byte),
            (_, None) => unreachable!("there is one from the start"),
        }
    }
    pairs
}

/// The name is everything before the first `=`, or the whole pair without one.
fn split(pair: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut halves = pair.splitn(2, |&byte| byte == b'=').map(<[u8]>::to_vec);
    let mut half = || halves.next().unwrap_or_default();
    (half(), half())
}

fn values(pairs: &[Vec<u8>], name: &str) -> Vec<Vec<u8>> {
    let pairs = pairs.iter().map(|pair| split(pair));
    let ours = pairs.filter(|(other, _)| other == name.as_bytes());
    ours.map(|(_, value)| value).collect()
}

fn others(mut pairs: Vec<Vec<u8>>, name: &str) -> Vec<Vec<u8>> {
    pairs.retain(|pair| split(pair).0 != name.as_bytes());
    pairs
}

fn bearer(lines: &[Vec<u8>]) -> Shown {
    let line = match lines {
        [] => return Shown::Absent,
        [line] if !is_bearer(line) => return Shown::Absent,
        [line] => line,
        _ => return Shown::Malformed,
    };
    let mut spaces = 0;
    let mut token = String::new();
    let mut is_padded = false;
    for &byte in &line["Bearer".len()..] {
        match byte {
            b' ' if token.is_empty() => spaces += 1,
            b'=' if !token.is_empty() => is_padded = true,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' if !is_padded => {}
            b'-' | b'.' | b'_' | b'~' | b'+' | b'/' if !is_padded => {}
            _ => return Shown::Malformed,
        }
        if byte != b' ' {
            token.push(byte.into());
        }
    }
    if spaces == 0 || token.is_empty() {
        Shown::Malformed
    } else {
        Shown::Given(token)
    }
}

/// Whether the scheme, the longest token at the start of the field, is Bearer (RFC 9110 section 11.4).
fn is_bearer(line: &[u8]) -> bool {
    let mut scheme = String::new();
    for &byte in line {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => scheme.push(byte.into()),
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_'
            | b'`' | b'|' | b'~' => scheme.push(byte.into()),
            _ => break,
        }
    }
    scheme.to_lowercase() == "bearer"
}
