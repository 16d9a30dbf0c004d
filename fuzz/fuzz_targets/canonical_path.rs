//! `RequestPath` and `ObjectKey` against a slow twin. The input is a path.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::path::{KeyPrefix, ObjectKey, PathErrorKind, RequestPath};

const PREFIX: &str = "packages/éc+h/";

fuzz_target!(|data: &[u8]| {
    let Ok(path) = std::str::from_utf8(data) else {
        return;
    };
    let prefix = KeyPrefix::new(PREFIX).expect("it is safe and ends in one slash");
    let faults = faults(path);
    match RequestPath::parse(path) {
        Err(error) => {
            assert!(faults.contains(&error.kind()), "{error}: {faults:?}");
            for prefix in [&prefix, &KeyPrefix::default()] {
                assert_eq!(ObjectKey::from_path(path, prefix), Err(error.clone()));
            }
        }
        Ok(canonical) => {
            assert_eq!(faults, []);
            let spelling = canonical.as_str();
            let decoded = without_dots(&decode(path).expect("no fault"));
            assert_spelling(spelling, &decoded);
            assert!(spelling.starts_with('/'));
            let again = RequestPath::parse(spelling).expect("canonical");
            assert_eq!(again.as_str(), spelling, "not idempotent");
            for prefix in [&prefix, &KeyPrefix::default()] {
                assert_key(spelling, &decoded, prefix);
                if path != spelling {
                    let refused = ObjectKey::from_path(path, prefix).map_err(|error| error.kind());
                    assert_eq!(refused, Err(PathErrorKind::NotCanonical));
                }
            }
        }
    }
});

/// `path` is canonical and has no fault.
fn assert_key(path: &str, decoded: &[u8], prefix: &KeyPrefix) {
    let expected = [prefix.as_str().as_bytes(), &decoded[1..]].concat();
    match ObjectKey::from_path(path, prefix).map_err(|error| error.kind()) {
        Err(PathErrorKind::NoKey) => assert!(expected.is_empty()),
        Err(PathErrorKind::TooLong) => assert!(expected.len() > 1024),
        Err(other) => panic!("a safe path refused as {other:?}"),
        Ok(key) => {
            assert!((1..=1024).contains(&key.as_str().len()));
            assert_eq!(key.as_str().as_bytes(), expected);
            assert!(key.as_str().starts_with(prefix.as_str()));
            assert!(
                key.as_str()
                    .split('/')
                    .all(|part| part != "." && part != "..")
            );
            assert_spelling(&key.encoded(), &expected);
            let on_the_wire = format!("/{}", key.encoded());
            let again = ObjectKey::from_path(&on_the_wire, &KeyPrefix::default());
            assert_eq!(again.as_ref(), Ok(&key));
        }
    }
}

/// The canonical spelling of these bytes: escapes in upper case, and only where needed.
fn assert_spelling(spelling: &str, bytes: &[u8]) {
    let expected: String = bytes
        .iter()
        .map(|&byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
            b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    assert_eq!(spelling, expected);
    assert_eq!(decode(spelling).as_deref(), Some(bytes));
}

/// Every fault of a path, because it is not specified which of several is reported.
fn faults(path: &str) -> Vec<PathErrorKind> {
    let mut faults = Vec::new();
    if path.chars().next() != Some('/') {
        faults.push(PathErrorKind::NotAbsolute);
    }
    let Some(bytes) = decode(path) else {
        faults.push(PathErrorKind::BadEscape);
        return faults;
    };
    if bytes.iter().any(|&byte| byte < 32 || byte == 127) {
        faults.push(PathErrorKind::ControlByte);
    }
    if bytes.contains(&92) {
        faults.push(PathErrorKind::Backslash);
    }
    let slashed = [b"/", &bytes[..], b"/"].concat();
    let has = |dots: &[u8]| slashed.windows(dots.len()).any(|window| window == dots);
    if has(b"/../") {
        faults.push(PathErrorKind::DotSegment);
    }
    if String::from_utf8(bytes).is_err() {
        faults.push(PathErrorKind::NotUtf8);
    }
    faults
}

fn without_dots(path: &[u8]) -> Vec<u8> {
    let mut path = path.to_vec();
    while let Some(place) = path.windows(3).position(|window| window == b"/./") {
        path.drain(place..place + 2);
    }
    if path.ends_with(b"/.") {
        path.pop();
    }
    path
}

fn decode(path: &str) -> Option<Vec<u8>> {
    let mut pieces = path.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2)?;
        if !digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    Some(bytes)
}
