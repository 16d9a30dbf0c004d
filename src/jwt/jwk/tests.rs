use serde_json::{Map, Value, json};

use super::super::algorithm::AlgorithmSet;
use super::super::vectors::signature;
use super::Algorithm as A;
use super::*;

const RSA: &str = "RFC 7515 A.2";
const P256: &str = "RFC 7515 A.3";
const P384: &str = "joserfc ES384";
const P521: &str = "RFC 7515 A.4";
const ED25519: &str = "RFC 8037 A.4";

/// What the key of a vector permits with these members changed.
fn judge(vector: &str, changes: &Value) -> Option<AlgorithmSet> {
    let mut jwk = signature(vector).jwk;
    jwk.extend(changes.as_object().expect("members").clone());
    permitted(jwk)
}

fn permitted(jwk: Map<String, Value>) -> Option<AlgorithmSet> {
    verifying_key(jwk).map(|key| key.algorithms()).ok()
}

fn verifying_key(jwk: Map<String, Value>) -> Result<VerifyingKey, KeyError> {
    let jwk: Jwk = serde_json::from_value(jwk.into()).expect("an object");
    jwk.verifying_key()
}

fn check(rows: Vec<(&str, Value, Option<&[Algorithm]>)>) {
    for (vector, changes, permitted) in rows {
        let expected = permitted.map(AlgorithmSet::of);
        assert_eq!(judge(vector, &changes), expected, "{vector} with {changes}");
    }
}

#[test]
fn a_key_permits_its_alg_alone() {
    check(vec![
        (RSA, json!({"alg": "RS256"}), Some(&[A::Rs256])),
        (RSA, json!({"alg": "PS512"}), Some(&[A::Ps512])),
        (RSA, json!({"alg": "rs256"}), None),
        (RSA, json!({"alg": "HS256"}), None),
        (RSA, json!({"alg": "ES256"}), None),
        (RSA, json!({"alg": "EdDSA"}), None),
        (RSA, json!({"alg": "RSA-OAEP"}), None),
        (RSA, json!({"alg": "RSA1_5"}), None),
        (RSA, json!({"alg": "none"}), None),
        (RSA, json!({"alg": ""}), None),
        (
            RSA,
            json!({"alg": null}),
            Some(&[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512]),
        ),
        (RSA, json!({"alg": ["RS256"]}), None),
        (P256, json!({"alg": "ES256"}), Some(&[A::Es256])),
        (P256, json!({"alg": "ES384"}), None),
        (P256, json!({"alg": "ES256K"}), None),
        (P256, json!({"alg": "ECDH-ES"}), None),
        (P384, json!({"alg": "ES384"}), Some(&[A::Es384])),
        (P384, json!({"alg": "ES256"}), None),
        (P521, json!({"alg": "ES512"}), Some(&[A::Es512])),
        (P521, json!({"alg": "ES256"}), None),
        (ED25519, json!({"alg": "EdDSA"}), Some(&[A::EdDsa])),
        (ED25519, json!({"alg": "Ed25519"}), Some(&[A::EdDsa])),
        (ED25519, json!({"alg": "Ed448"}), None),
    ]);
}

#[test]
fn only_known_types_and_curves_are_keys() {
    check(vec![
        (P256, json!({}), Some(&[A::Es256])),
        (P256, json!({"crv": "P-384"}), None),
        (P256, json!({"crv": "P-521"}), None),
        (P256, json!({"crv": "secp256k1"}), None),
        (P256, json!({"crv": "p-256"}), None),
        (P256, json!({"crv": "Ed25519"}), None),
        (P256, json!({"crv": 256}), None),
        (P256, json!({"kty": "ec"}), None),
        (P256, json!({"kty": "OKP"}), None),
        (P256, json!({"kty": null}), None),
        (ED25519, json!({"crv": "X25519"}), None),
        (ED25519, json!({"crv": "Ed448"}), None),
        (ED25519, json!({"kty": "EC"}), None),
        (RSA, json!({"kty": "RSA-PSS"}), None),
        (
            RSA,
            json!({"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}),
            None,
        ),
        (
            RSA,
            json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
            None,
        ),
        ("RFC 7515 A.1", json!({}), None),
        ("RFC 7515 A.1", json!({"alg": "HS256", "use": "sig"}), None),
    ]);
}

#[test]
fn a_private_or_encryption_key_is_not_used() {
    let es256: Option<&[Algorithm]> = Some(&[A::Es256]);
    let mut rows = vec![
        (P256, json!({"use": "sig"}), es256),
        (P256, json!({"use": "enc"}), None),
        (P256, json!({"use": "Sig"}), None),
        (P256, json!({"use": ""}), None),
        (P256, json!({"use": null}), es256),
        (P256, json!({"use": ["sig"]}), None),
        (P256, json!({"key_ops": ["verify"]}), es256),
        (P256, json!({"key_ops": ["sign", "verify"]}), es256),
        (P256, json!({"key_ops": ["verify"], "use": "enc"}), None),
        (P256, json!({"key_ops": ["sign"]}), None),
        (P256, json!({"key_ops": ["Verify"]}), None),
        (P256, json!({"key_ops": []}), None),
        (P256, json!({"key_ops": "verify"}), None),
        (P256, json!({"key_ops": ["verify", 1]}), None),
        (P256, json!({"key_ops": null}), es256),
        // Of no account.
        (
            P256,
            json!({"x5c": ["MIIB"], "x5t": 1, "x5u": "http://127.0.0.1/", "ext": true}),
            es256,
        ),
        (
            RSA,
            json!({"crv": 1}),
            Some(&[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512]),
        ),
    ];
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        rows.push((P256, json!({name: "AA"}), None));
    }
    rows.push((P256, json!({"d": null}), es256));
    check(rows);
}

#[test]
fn numbers_are_canonical_and_within_bounds() {
    let n = signature(RSA).jwk["n"]
        .as_str()
        .and_then(base64url::decode)
        .unwrap();
    let es = signature(P256).jwk;
    let (x, y) = (es["x"].clone(), es["y"].clone());
    let halves = [&x, &y].map(|half| half.as_str().and_then(base64url::decode).unwrap());
    let point = halves.concat();
    let ed = signature(ED25519).jwk["x"].as_str().unwrap().to_owned();
    let encode = |bytes: &[u8]| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    };
    let even = [&n[..255], &[n[255] - 1]].concat();
    let rsa: Option<&[Algorithm]> =
        Some(&[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512]);
    check(vec![
        (RSA, json!({"e": "Aw"}), rsa),
        (RSA, json!({"e": "_____w"}), rsa),
        (RSA, json!({"e": "AQAAAAE"}), None),
        (RSA, json!({"e": "AQ"}), None),
        (RSA, json!({"e": "Ag"}), None),
        (RSA, json!({"e": "AQAA"}), None),
        (RSA, json!({"e": "AAEAAQ"}), rsa),
        (RSA, json!({"e": "AA"}), None),
        (RSA, json!({"e": ""}), None),
        (RSA, json!({"e": "AQAC"}), None),
        (RSA, json!({"e": "AQAB="}), None),
        (RSA, json!({"e": 65537}), None),
        (RSA, json!({"n": encode(&[&[0], &n[..]].concat())}), rsa),
        (RSA, json!({"n": encode(&even)}), None),
        (RSA, json!({"n": encode(&n[..255])}), None),
        (
            RSA,
            json!({"n": encode(&[&[0x7f], &n[1..]].concat())}),
            None,
        ),
        (RSA, json!({"n": encode(&[&[0x80], &n[1..]].concat())}), rsa),
        (RSA, json!({"n": encode(&[0xff; 1024])}), rsa),
        (
            RSA,
            json!({"n": encode(&[&[1], &[0xff; 1024][..]].concat())}),
            None,
        ),
        (RSA, json!({"n": ""}), None),
        (RSA, json!({"n": null}), None),
        (P256, json!({"x": y, "y": x}), None),
        (P256, json!({"x": encode(&[0; 32])}), None),
        (
            P256,
            json!({"x": encode(&[0; 32]), "y": encode(&[0; 32])}),
            None,
        ),
        (P256, json!({"x": encode(&[0xff; 32])}), None),
        (P256, json!({"x": encode(&[0; 31])}), None),
        (P256, json!({"x": "", "y": ""}), None),
        // The same bytes, cut in another place.
        (
            P256,
            json!({"x": encode(&point[..31]), "y": encode(&point[31..])}),
            None,
        ),
        // The same number with a zero before it, and with bits left over.
        (
            P256,
            json!({"x": encode(&[&[0], &point[..32]].concat())}),
            None,
        ),
        (
            P256,
            json!({"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV"}),
            None,
        ),
        (
            P256,
            json!({"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="}),
            None,
        ),
        (ED25519, json!({"x": encode(&[7; 31])}), None),
        (ED25519, json!({"x": encode(&[7; 33])}), None),
        (ED25519, json!({"x": encode(&[7; 32])}), Some(&[A::EdDsa])),
        (ED25519, json!({"x": format!("{ed}=")}), None),
    ]);
}

#[test]
fn no_member_of_a_key_may_be_missing() {
    for (vector, names) in [
        (RSA, &["kty", "n", "e"][..]),
        (P256, &["kty", "crv", "x", "y"]),
        (ED25519, &["kty", "crv", "x"]),
    ] {
        let jwk = signature(vector).jwk;
        assert!(permitted(jwk.clone()).is_some(), "{vector}");
        assert_eq!(jwk.len(), names.len(), "{vector}");
        for name in names {
            let mut jwk = jwk.clone();
            jwk.remove(*name);
            assert_eq!(permitted(jwk), None, "{vector} without {name}");
        }
    }
}

#[test]
fn a_name_may_be_any_short_text() {
    let long = "k".repeat(MAX_KID);
    for (kid, name) in [
        (json!("2011-04-29"), Some("2011-04-29")),
        (json!(""), Some("")),
        (
            json!("../../etc/passwd\0' OR 1=1 --"),
            Some("../../etc/passwd\0' OR 1=1 --"),
        ),
        (json!("клюｃ🔑\u{202e}"), Some("клюｃ🔑\u{202e}")),
        (json!(long), Some(&*long)),
        (json!(format!("{long}k")), None),
        (json!("é".repeat(129)), None),
        (json!(1), None),
        (json!(["1"]), None),
    ] {
        let mut jwk = signature(P256).jwk;
        jwk.insert("kid".into(), kid.clone());
        let key = verifying_key(jwk);
        let found = key.as_ref().ok().and_then(VerifyingKey::kid);
        assert_eq!(found, name, "{kid}");
    }
}

#[test]
fn a_member_given_twice_spoils_its_key_alone() {
    let ed = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
    for (name, entry, is_kept) in [
        ("once", format!("{{{ed}}}"), true),
        (
            "an unknown one once",
            format!("{{{ed},\"ext\":{{\"a\":1}}}}"),
            true,
        ),
        ("the same value", format!("{{{ed},\"kty\":\"OKP\"}}"), false),
        ("another value", format!("{{\"kty\":\"oct\",{ed}}}"), false),
        (
            "spelt in another way",
            format!("{{{ed},\"kt\\u0079\":\"OKP\"}}"),
            false,
        ),
        (
            "an unknown one",
            format!("{{{ed},\"ext\":1,\"ext\":1}}"),
            false,
        ),
        (
            "null",
            format!("{{{ed},\"alg\":\"EdDSA\",\"alg\":null}}"),
            false,
        ),
    ] {
        let document = format!("{{\"keys\":[{entry},{{{ed}}}]}}");
        let entries = parse(document.as_bytes()).unwrap();
        let kept: Vec<_> = entries
            .iter()
            .map(|it| it.verifying_key().is_ok())
            .collect();
        assert_eq!(kept, [is_kept, true], "{name}");
    }
}

#[test]
fn a_bad_entry_never_spoils_the_others() {
    let ed = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    for entry in [
        "1", "-1", "1.5", "true", "null", r#""key""#, "[{}]", &deep, "{}",
    ] {
        let document = format!("{{\"keys\":[{entry},{ed}]}}");
        let entries = parse(document.as_bytes()).unwrap();
        let kept = entries.iter().map(|it| it.verifying_key().is_ok());
        assert_eq!(kept.collect::<Vec<_>>(), [false, true], "{entry}");
    }
}

#[test]
fn a_set_is_an_object_with_one_array() {
    let deep = format!(
        "{{\"x\":{}{},\"keys\":[]}}",
        "[".repeat(999),
        "]".repeat(999)
    );
    for (document, len) in [
        (r#"{"keys":[]}"#, Some(0)),
        (" \r\n\t{\"keys\" : [ ] } \n", Some(0)),
        (r#"{"keys":[{}]}"#, Some(1)),
        (
            r#"{"keys":[{"kty":"AKP"},{"kty":1,"x":{"y":[null]}}],"next":1e999}"#,
            Some(2),
        ),
        (r#"{"a":1,"a":2,"keys":[{}]}"#, Some(1)),
        (&deep, Some(0)),
        (r#"{"k\u0065ys":[{}]}"#, Some(1)),
        ("", None),
        ("null", None),
        ("[]", None),
        ("[[]]", None),
        ("[[{}]]", None),
        ("{}", None),
        (r#"{"Keys":[]}"#, None),
        (r#"{"keys":{}}"#, None),
        (r#"{"keys":null}"#, None),
        (r#"{"keys":"[]"}"#, None),
        (r#"{"keys":[],"keys":[]}"#, None),
        (r#"{"keys":[1,-1,1.5,true,null,[[{}]],"{}",{}]}"#, Some(8)),
        (r#"{"keys":[{}],}"#, None),
        (r#"{"keys":[{},]}"#, None),
        (r#"{"keys":[]}x"#, None),
        (r#"{"keys":[]}{"keys":[]}"#, None),
        (r#"{"keys":[]"#, None),
        (r"{'keys':[]}", None),
        (r"{keys:[]}", None),
        ("\u{feff}{\"keys\":[]}", None),
        ("// set\n{\"keys\":[]}", None),
        ("<html><body>Bad gateway</body></html>", None),
        ("-----BEGIN PUBLIC KEY-----", None),
    ] {
        let entries = parse(document.as_bytes());
        let found = entries.as_ref().map(Vec::len).ok();
        assert_eq!(found, len, "{document}");
        if let Err(error) = entries {
            assert_eq!(error.kind(), Kind::Malformed, "{document}");
        }
    }
    assert!(parse(b"{\"keys\":[],\"x\":\"\xff\"}").is_err());
}
