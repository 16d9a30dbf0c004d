use super::*;
use crate::session::CookieKeys;

const SECRET: &str = "b7GnQoF3Uo2bBZbG2n4h6pQ8mB0rI7m9c3Rkq5mXb1w=";
const OTHER: &str = "an old secret of thirty-two bytes";

fn keys(secret: &str) -> CookieKeys {
    CookieKeys::new(secret).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pairs = pairs.map(|pair| str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

/// The values come from `HKDF` and `AESGCMSIV` of Python's cryptography 50.0.2 with OpenSSL.
#[test]
fn sealing_agrees_with_another_implementation() {
    let vectors = include_str!("vectors.tsv");
    assert_eq!(vectors.lines().count(), 8);
    for line in vectors.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, secret, purpose, bound_to, nonce, plain, text] = columns[..] else {
            panic!("{line}");
        };
        let (bound_to, plain) = (bytes(bound_to), bytes(plain));
        let sealer = keys(secret).sealer(purpose);
        let nonce = bytes(nonce).try_into().unwrap();
        assert_eq!(sealer.seal_with(nonce, &plain, &bound_to), text, "{name}");
        assert_eq!(*sealer.open(text, &bound_to).unwrap(), plain, "{name}");
    }
}

#[test]
fn sealing_twice_gives_different_values() {
    let sealer = keys(SECRET).sealer("session");
    let texts = [(); 2].map(|()| sealer.seal(b"plain", b"name"));
    assert_ne!(texts[0], texts[1]);
    // A version, a nonce, the text and a tag.
    assert_eq!(texts[0].len(), (1 + 12 + 5 + 16_usize) * 4 / 3 + 1);
    for text in texts {
        assert_eq!(**sealer.open(&text, b"name").unwrap(), *b"plain");
    }
}

#[test]
fn a_changed_value_does_not_open() {
    let sealer = keys(SECRET).sealer("session");
    let text = sealer.seal_with([0xff; 12], b"plain text of any length", b"name");
    let opens = |text: &str| sealer.open(text, b"name").is_some();
    assert!(opens(&text));
    let raw = URL_SAFE_NO_PAD.decode(&text).unwrap();
    for place in 0..raw.len() {
        for bit in 0..8 {
            let mut changed = raw.clone();
            changed[place] ^= 1 << bit;
            assert!(!opens(&URL_SAFE_NO_PAD.encode(changed)), "{place}, {bit}");
        }
        assert!(!opens(&URL_SAFE_NO_PAD.encode(&raw[..place])), "{place}");
        assert!(
            !opens(&URL_SAFE_NO_PAD.encode(&raw[place + 1..])),
            "{place}"
        );
    }
    let longer = [&raw[..], &[0]].concat();
    let mut stray_bits = text.clone();
    let last = stray_bits.pop().unwrap();
    stray_bits.push(char::from(last as u8 + 1));
    for (name, changed) in [
        ("a byte more", URL_SAFE_NO_PAD.encode(&longer)),
        ("padding", format!("{text}=")),
        ("unused bits set", stray_bits),
        ("the base64 alphabet", text.replace(['-', '_'], "+")),
        ("a blank", format!("{text} ")),
        ("quotes", format!("\"{text}\"")),
        ("itself twice", text.repeat(2)),
        ("nothing", String::new()),
        ("not base64url", "é".into()),
    ] {
        assert!(changed != text && !opens(&changed), "{name}: {changed}");
    }
}

#[test]
fn a_value_opens_for_its_use_only() {
    let session = keys(SECRET).sealer("session");
    let text = session.seal(b"plain", b"name");
    for (name, sealer, bound_to, expected) in [
        ("the same", session.clone(), &b"name"[..], true),
        (
            "another of its kind",
            keys(SECRET).sealer("session"),
            b"name",
            true,
        ),
        ("bound to another", session.clone(), b"nam", false),
        ("bound to nothing", session, b"", false),
        (
            "another purpose",
            keys(SECRET).sealer("login"),
            b"name",
            false,
        ),
        (
            "another secret",
            keys(OTHER).sealer("session"),
            b"name",
            false,
        ),
        (
            "a random secret",
            CookieKeys::random().sealer("session"),
            b"name",
            false,
        ),
    ] {
        assert_eq!(sealer.open(&text, bound_to).is_some(), expected, "{name}");
    }
}

#[test]
fn previous_secrets_open_and_never_seal() {
    let old = keys(OTHER).sealer("session");
    let rotated = keys(SECRET).with_previous(OTHER).unwrap();
    let rotated = rotated.sealer("session");
    let from_before = old.seal(b"before", b"");
    assert_eq!(**rotated.open(&from_before, b"").unwrap(), *b"before");
    let text = rotated.seal(b"after", b"");
    assert!(old.open(&text, b"").is_none());
    let new = keys(SECRET).sealer("session");
    assert!(new.open(&text, b"").is_some());
    assert!(new.open(&from_before, b"").is_none());
}

#[test]
fn secrets_are_long_and_at_most_four() {
    for (length, expected) in [(0, false), (31, false), (32, true), (33, true), (44, true)] {
        let made = CookieKeys::new(&SECRET[..length]);
        assert_eq!(made.is_ok(), expected, "{length}");
        let previous = keys(OTHER).with_previous(&SECRET[..length]);
        assert_eq!(previous.is_ok(), expected, "{length}");
    }
    let mut all = keys(SECRET);
    for number in 0..3 {
        all = all.with_previous(format!("{number}{OTHER}")).unwrap();
    }
    for number in 0..3 {
        let previous = keys(&format!("{number}{OTHER}")).sealer("session");
        let text = previous.seal(b"", b"");
        assert!(all.sealer("session").open(&text, b"").is_some());
    }
    let error = all.with_previous(OTHER).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cookie secret: must have at most 3 previous secrets"
    );
    let error = CookieKeys::new("s3cret").unwrap_err();
    assert_eq!(
        error.to_string(),
        "cookie secret: must be at least 32 bytes long"
    );
}

#[test]
fn no_secret_is_printed() {
    let keys = keys(SECRET).with_previous(OTHER).unwrap();
    assert_eq!(format!("{keys:?}"), "CookieKeys { previous: 1, .. }");
    assert_eq!(
        format!("{:?}", keys.sealer("session")),
        "Sealer { keys: 2, .. }"
    );
}

#[test]
fn secrets_that_repeat_a_few_bytes_are_refused() {
    for (secret, expected) in [
        (&*"x".repeat(32), false),
        (&"0".repeat(1000), false),
        (&"xy".repeat(16), false),
        (&"changeme".repeat(4), false),
        ("changeme-changeme-changeme-change", false),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false),
        (&"0123456789abcdef".repeat(2), false),
        // By `openssl rand -hex 16`, `openssl rand -base64 32`, and 32 random decimal digits.
        ("6f1b0c2e9d4a7785b3e06c14f2a9d8c1", true),
        ("LsydBoAAtPAjoaZsvzy/vVCZHJyQHzvLBq6KMM8ljZE=", true),
        ("58209749445923078164062862089986", true),
        (&"6f1b0c2e9d4a7785b3e06c14f2a9d8c1".repeat(2), true),
        ("correct horse battery staple and more", true),
    ] {
        assert_eq!(CookieKeys::new(secret).is_ok(), expected, "{secret}");
    }
    let error = keys(SECRET).with_previous("x".repeat(32)).unwrap_err();
    assert!(error.to_string().contains("`openssl rand"), "{error}");
}
