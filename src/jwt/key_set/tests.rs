use serde_json::json;

use super::super::vectors::{set, signature};
use super::*;

const RSA: &str = "RFC 7515 A.2";
const OTHER_RSA: &str = "RFC 7520 4.1";
const P256: &str = "RFC 7515 A.3";
const ED25519: &str = "RFC 8037 A.4";

#[test]
fn unusable_keys_are_counted_and_left_out() {
    let set = set(&[
        (RSA, json!({"kid": "a"})),
        ("RFC 7515 A.1", json!({"kid": "secret"})),
        (P256, json!({"kid": "b", "use": "enc"})),
        (P256, json!({"kid": "b"})),
        (ED25519, json!({"kid": "c", "crv": "Ed448"})),
    ]);
    assert_eq!((set.len(), set.skipped(), set.is_empty()), (2, 3, false));
    assert_eq!(format!("{set:?}"), "KeySet { keys: 2, skipped: 3, .. }");
}

#[test]
fn a_set_without_usable_keys_is_empty() {
    for (document, skipped) in [(r#"{"keys":[]}"#, 0), (r#"{"keys":[{"kty":"AKP"}]}"#, 1)] {
        let set = KeySet::from_jwks(document.as_bytes()).unwrap();
        assert!(set.is_empty(), "{document}");
        assert_eq!(set.skipped(), skipped, "{document}");
    }
}

#[test]
fn the_first_of_two_keys_alike_counts() {
    for (name, first, second, len) in [
        (
            "other names",
            (RSA, json!({"kid": "a"})),
            (OTHER_RSA, json!({"kid": "b"})),
            2,
        ),
        ("no names", (RSA, json!({})), (OTHER_RSA, json!({})), 2),
        (
            "one name",
            (RSA, json!({"kid": "a"})),
            (OTHER_RSA, json!({"kid": "a"})),
            1,
        ),
        (
            "one has no name",
            (RSA, json!({"kid": ""})),
            (OTHER_RSA, json!({})),
            2,
        ),
        (
            "other types",
            (RSA, json!({"kid": "a"})),
            (P256, json!({"kid": "a"})),
            2,
        ),
        (
            "other algorithms",
            (RSA, json!({"kid": "a", "alg": "RS256"})),
            (RSA, json!({"kid": "a", "alg": "PS256"})),
            2,
        ),
        (
            "one algorithm of several",
            (RSA, json!({"kid": "a"})),
            (OTHER_RSA, json!({"kid": "a", "alg": "RS256"})),
            1,
        ),
    ] {
        let set = set(&[first, second]);
        assert_eq!((set.len(), set.skipped()), (len, 2 - len), "{name}");
        let token = signature(RSA);
        let kid = set.set.keys[0].kid();
        if let Candidates::One(key) = set.candidates(kid, Algorithm::Rs256) {
            assert!(token.is_verified_by(key), "{name}");
        } else {
            assert_eq!(kid, None, "{name}");
        }
    }
}

#[test]
fn a_secret_is_one_key_for_one_algorithm() {
    let vector = signature("joserfc HS512");
    let secret = vector.jwk["k"]
        .as_str()
        .and_then(super::super::base64url::decode)
        .unwrap();
    let set = KeySet::from_hmac_secret(Algorithm::Hs512, &secret).unwrap();
    for kid in [None, Some("any")] {
        let Candidates::One(key) = set.candidates(kid, Algorithm::Hs512) else {
            panic!("{kid:?}");
        };
        assert!(vector.is_verified_by(key));
        assert!(matches!(
            set.candidates(kid, Algorithm::Hs256),
            Candidates::Unknown
        ));
    }
    assert_eq!(format!("{set:?}"), "KeySet { keys: 1, skipped: 0, .. }");
    let pem = b" \n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7h";
    for (name, algorithm, secret, kind) in [
        ("short", Algorithm::Hs256, &[b'k'; 31][..], Kind::Size),
        ("none", Algorithm::Hs256, &[], Kind::Size),
        (
            "for another",
            Algorithm::Rs256,
            &[b'k'; 64],
            Kind::Unsupported,
        ),
        ("a public key", Algorithm::Hs256, pem, Kind::WrongKind),
    ] {
        let error = KeySet::from_hmac_secret(algorithm, secret).unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
    }
}

#[test]
fn documents_and_sets_have_a_greatest_size() {
    let padded = |len: usize| {
        let mut document = br#"{"keys":[]}"#.to_vec();
        document.resize(len, b' ');
        KeySet::from_jwks(&document).map(|set| set.len())
    };
    assert_eq!(padded(256 * 1024), Ok(0));
    assert_eq!(padded(256 * 1024 + 1).unwrap_err().kind(), Kind::TooLarge);

    let keys = |count: usize| {
        let document = format!("{{\"keys\":[{}]}}", vec!["{}"; count].join(","));
        KeySet::from_jwks(document.as_bytes()).map(|set| set.skipped())
    };
    assert_eq!(keys(100), Ok(100));
    assert_eq!(keys(101).unwrap_err().kind(), Kind::TooManyKeys);

    let block = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
        -----END PUBLIC KEY-----\n";
    let blocks = |count: usize| KeySet::from_pem(block.repeat(count).as_bytes());
    assert_eq!(blocks(100).unwrap().len(), 100);
    assert_eq!(blocks(101).unwrap_err().kind(), Kind::TooManyKeys);
    let long = [block, &" ".repeat(256 * 1024)].concat();
    let error = KeySet::from_pem(long.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
}

#[test]
fn no_two_sets_are_of_one_generation() {
    let sets = || [(); 50].map(|()| set(&[]).generation());
    let threads = [(); 4].map(|()| std::thread::spawn(sets));
    let all = threads.map(|thread| thread.join().unwrap()).concat();
    let unique: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(unique.len(), 200);
}

/// Rows of a name, a token's `kid` and algorithm, and the expected key of the set.
fn check(set: &KeySet, rows: &[(&str, Option<&str>, Algorithm, &str)]) {
    for (name, kid, algorithm, expected) in rows {
        let found = match set.candidates(*kid, *algorithm) {
            Candidates::One(key) => format!("key {}", set.place_of(key)),
            Candidates::Refused => "refused".into(),
            Candidates::Unknown => "unknown".into(),
        };
        assert_eq!(found, *expected, "{name}");
    }
}

#[test]
fn a_key_is_found_by_name_and_algorithm() {
    let set = set(&[
        (RSA, json!({"kid": "a", "alg": "RS256"})),
        (OTHER_RSA, json!({"kid": "b", "alg": "RS256"})),
        (P256, json!({"kid": "c"})),
        (ED25519, json!({"kid": "c"})),
    ]);
    let rows = [
        ("the first", Some("a"), Algorithm::Rs256, "key 0"),
        ("the second", Some("b"), Algorithm::Rs256, "key 1"),
        ("by type", Some("c"), Algorithm::Es256, "key 2"),
        ("by other type", Some("c"), Algorithm::EdDsa, "key 3"),
        ("not permitted", Some("a"), Algorithm::Ps256, "refused"),
        ("not of its type", Some("a"), Algorithm::Es256, "refused"),
        ("as a secret", Some("a"), Algorithm::Hs256, "refused"),
        ("unknown", Some("d"), Algorithm::Rs256, "unknown"),
        ("in capitals", Some("A"), Algorithm::Rs256, "unknown"),
        ("empty", Some(""), Algorithm::Rs256, "unknown"),
        ("with a space", Some("a "), Algorithm::Rs256, "unknown"),
        ("no name, several fit", None, Algorithm::Rs256, "refused"),
        ("no name, one fits", None, Algorithm::Es256, "key 2"),
        ("no name, none fits", None, Algorithm::Es384, "unknown"),
    ];
    check(&set, &rows);
}

#[test]
fn kid_is_ignored_if_no_key_has_one() {
    let rows = [
        ("a name", Some("z"), Algorithm::Rs256, "key 0"),
        ("no name", None, Algorithm::Es256, "key 1"),
        ("none fits", Some("z"), Algorithm::EdDsa, "unknown"),
    ];
    check(
        &set(&[(RSA, json!({"alg": "RS256"})), (P256, json!({}))]),
        &rows,
    );
    let rows = [
        ("several fit", Some("z"), Algorithm::Ps384, "refused"),
        ("several fit and no name", None, Algorithm::Ps384, "refused"),
    ];
    check(&set(&[(RSA, json!({})), (OTHER_RSA, json!({}))]), &rows);
    let rows = [
        ("no keys", Some("a"), Algorithm::Rs256, "unknown"),
        ("no keys and no name", None, Algorithm::Rs256, "unknown"),
    ];
    check(&set(&[]), &rows);
}

#[test]
fn an_unnamed_key_is_for_tokens_without_kid() {
    let rows = [
        ("by name", Some("a"), Algorithm::Rs256, "key 0"),
        ("unknown name", Some("z"), Algorithm::Es256, "unknown"),
        ("no name", None, Algorithm::Es256, "key 1"),
    ];
    let named = (RSA, json!({"kid": "a", "alg": "RS256"}));
    check(&set(&[named, (P256, json!({}))]), &rows);
}
