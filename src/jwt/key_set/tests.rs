use serde_json::json;

use super::super::vectors::{set, signature};
use super::*;

const RSA: &str = "RFC 7515 A.2";
const OTHER_RSA: &str = "RFC 7520 4.1";
const P256: &str = "RFC 7515 A.3";
const ED25519: &str = "RFC 8037 A.4";

#[test]
fn unusable_keys_are_left_out_and_named() {
    let set = set(&[
        (RSA, json!({"kid": "a"})),
        ("RFC 7515 A.1", json!({"kid": "secret"})),
        (P256, json!({"kid": "b", "use": "enc"})),
        (P256, json!({"kid": "b"})),
        (ED25519, json!({"kid": "c", "crv": "Ed448"})),
    ]);
    assert_eq!((set.len(), set.is_empty()), (2, false));
    assert_eq!(format!("{set:?}"), "KeySet { keys: 2, left_out: 3, .. }");
    let left_out: Vec<_> = set.left_out().iter().map(ToString::to_string).collect();
    assert_eq!(
        left_out,
        [
            r#"the key "secret" is left out: kty is oct: a secret that is published is not secret"#,
            r#"the key "b" is left out: use is "enc", expected "sig""#,
            r#"the key "c" is left out: crv is "Ed448", expected "Ed25519""#,
        ]
    );
}

#[test]
fn a_set_without_usable_keys_is_empty() {
    for (document, left_out) in [(r#"{"keys":[]}"#, 0), (r#"{"keys":[{"kty":"AKP"}]}"#, 1)] {
        let set = KeySet::from_jwks(document.as_bytes()).unwrap();
        assert!(set.is_empty(), "{document}");
        assert_eq!(set.left_out().len(), left_out, "{document}");
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
        assert_eq!((set.len(), set.left_out().len()), (len, 2 - len), "{name}");
        let token = signature(RSA);
        let kid = set.set.keys[0].kid();
        let key = set.candidates(kid, Algorithm::Rs256).unwrap().next();
        assert!(token.is_verified_by(key.unwrap()), "{name}");
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
        let key = set.candidates(kid, Algorithm::Hs512).unwrap().next();
        assert!(vector.is_verified_by(key.unwrap()));
        let other = set.candidates(kid, Algorithm::Hs256).err();
        assert!(matches!(other, Some(NoKey::Unknown(_))));
    }
    assert_eq!(format!("{set:?}"), "KeySet { keys: 1, left_out: 0, .. }");
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
        KeySet::from_jwks(document.as_bytes()).map(|set| set.left_out().len())
    };
    assert_eq!(keys(100), Ok(100));
    assert_eq!(keys(101).unwrap_err().kind(), Kind::TooManyKeys);

    let block = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
        -----END PUBLIC KEY-----\n";
    let blocks = |count: usize| KeySet::from_pem(block.repeat(count).as_bytes());
    assert_eq!(blocks(8).unwrap().len(), 8);
    let error = blocks(9).unwrap_err();
    assert_eq!(error.kind(), Kind::TooManyKeys);
    let problem = "more than 8 keys are for EdDSA, and none has a name";
    assert_eq!(error.to_string(), problem);
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
            Ok(keys) => {
                let places: Vec<_> = keys.map(|key| set.place_of(key).to_string()).collect();
                format!("key {}", places.join(", "))
            }
            Err(NoKey::Refused(_)) => "refused".into(),
            Err(NoKey::Unknown(_)) => "unknown".into(),
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
        ("no name, several fit", None, Algorithm::Rs256, "key 0, 1"),
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
        ("several fit", Some("z"), Algorithm::Ps384, "key 0, 1"),
        (
            "several fit and no name",
            None,
            Algorithm::Ps384,
            "key 0, 1",
        ),
    ];
    check(&set(&[(RSA, json!({})), (OTHER_RSA, json!({}))]), &rows);
    let rows = [
        (
            "eight",
            None,
            Algorithm::Es256,
            "key 0, 1, 2, 3, 4, 5, 6, 7",
        ),
        ("another type", None, Algorithm::Rs256, "unknown"),
    ];
    check(&set(&vec![(P256, json!({})); 8]), &rows);
    let rows = [("nine", Some("z"), Algorithm::Es256, "refused")];
    check(&set(&vec![(P256, json!({})); 9]), &rows);
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

#[test]
fn a_missing_key_is_named_beside_the_known() {
    let set = set(&[
        (RSA, json!({"kid": "a", "alg": "RS256"})),
        (P256, json!({"kid": "b"})),
    ]);
    let unnamed = self::set(&vec![(P256, json!({})); 9]);
    for (set, kid, algorithm, expected) in [
        (
            &set,
            Some("c\n"),
            Algorithm::Rs256,
            r#"the token's kid is "c\n", expected one of "a", "b""#,
        ),
        (
            &set,
            Some("b"),
            Algorithm::Rs256,
            r#"the token's alg is "RS256", expected "ES256""#,
        ),
        (
            &set,
            None,
            Algorithm::EdDsa,
            r#"the token's alg is "EdDSA", expected one of "RS256", "ES256""#,
        ),
        (
            &unnamed,
            None,
            Algorithm::Es256,
            r#"the token's kid is missing, expected "one, since more than 8 keys are for its alg""#,
        ),
    ] {
        let no_key = set.candidates(kid, algorithm).err();
        let (NoKey::Refused(mismatch) | NoKey::Unknown(mismatch)) = no_key.unwrap();
        assert_eq!(mismatch.to_string(), expected);
    }
}

#[test]
fn each_key_left_out_says_why() {
    let n = signature(RSA).jwk["n"].as_str().unwrap().to_owned();
    for (name, entry, expected) in [
        (
            "1024 bits",
            json!({"kty": "RSA", "kid": "old", "e": "AQAB", "n": &n[..172]}),
            r#"the key "old" is left out: an RSA key must have 2048 to 8192 bits, and this one has 1032"#,
        ),
        (
            "no object",
            json!(7),
            "a key without kid is left out: the entry is not a JSON object",
        ),
        (
            "a certificate",
            json!({"kty": "RSA", "kid": "x", "x5c": ["MIIB"]}),
            r#"the key "x" is left out: n is missing, and certificates (x5c) are not read"#,
        ),
        (
            "a name with a line break",
            json!({"kty": "AKP", "kid": "a\nb"}),
            r#"the key "a\nb" is left out: kty is "AKP", expected one of "RSA", "EC", "OKP""#,
        ),
        (
            "the same name",
            json!({"kty": "RSA", "kid": "first", "e": "AQAB", "n": n}),
            r#"the key "first" is left out: a key before it has the same kid and permits the same algorithm"#,
        ),
        (
            "another algorithm",
            json!({"kty": "RSA", "kid": null, "alg": "RSA-OAEP", "e": "AQAB", "n": n}),
            "a key without kid is left out: alg is \"RSA-OAEP\", expected one of \"RS256\", \"RS384\", \
             \"RS512\", \"PS256\", \"PS384\" and 1 more",
        ),
    ] {
        let good = json!({"kty": "RSA", "kid": "first", "e": "AQAB", "n": n});
        let document = json!({ "keys": [good, entry] }).to_string();
        let set = KeySet::from_jwks(document.as_bytes()).unwrap();
        assert_eq!(set.len(), 1, "{name}");
        let left_out: Vec<_> = set.left_out().iter().map(ToString::to_string).collect();
        assert_eq!(left_out, [expected], "{name}");
    }
}
