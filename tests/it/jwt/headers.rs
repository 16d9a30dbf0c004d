//! What a header may say: RFC 7515 section 4.1, RFC 7519 section 5, RFC 8725 section 3.

use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
use serde_json::{Value, json};

use super::{Said, check, es256, verifier};
use crate::support::clock::StandingClock;
use crate::support::issuer::{
    AUDIENCE, ISSUER, Issuer, NOW, SECRET, claims, claims_with, encode, issuer,
};

const UNKNOWN_ALGORITHM: &str = "the token's alg is…";
const NOT_STRICT: &str = "the header is not a strict JSON object";
const CHANGES_RULES: &str = "the header has crit or b64, which are not supported";

fn check_headers(rows: &[(&str, Value, Option<&str>)]) {
    let verifier = verifier();
    for (name, header, refused) in rows {
        let token = issuer().token_with_header(header.clone(), &claims());
        check(name, &verifier, &token, *refused);
    }
}

#[test]
fn crit_and_b64_are_refused_and_zip_ignored() {
    check_headers(&[
        ("none of them", json!({}), None),
        ("a member that is not known", json!({"x": {"y": [1]}}), None),
        (
            "crit",
            json!({"crit": ["exp"], "exp": 1}),
            Some(CHANGES_RULES),
        ),
        ("crit of nothing", json!({"crit": []}), Some(CHANGES_RULES)),
        ("crit of null", json!({"crit": null}), Some(CHANGES_RULES)),
        (
            "b64 of false",
            json!({"b64": false, "crit": ["b64"]}),
            Some(CHANGES_RULES),
        ),
        (
            "b64 of false, not critical",
            json!({"b64": false}),
            Some(CHANGES_RULES),
        ),
        ("b64 of true", json!({"b64": true}), Some(CHANGES_RULES)),
        // ForgeRock sends it.
        ("zip", json!({"zip": "NONE"}), None),
        ("zip of another value", json!({"zip": "DEF"}), None),
    ]);
}

#[test]
fn alg_none_in_any_case_is_refused() {
    let unknown = Some(UNKNOWN_ALGORITHM);
    check_headers(&[
        ("ES256", json!({"alg": "ES256"}), None),
        ("none", json!({"alg": "none"}), unknown),
        ("None", json!({"alg": "None"}), unknown),
        ("NONE", json!({"alg": "NONE"}), unknown),
        ("nOnE", json!({"alg": "nOnE"}), unknown),
        ("none with a space", json!({"alg": "none "}), unknown),
        ("nothing", json!({"alg": ""}), unknown),
        ("another case", json!({"alg": "es256"}), unknown),
        (
            "an algorithm of encryption",
            json!({"alg": "RSA1_5"}),
            unknown,
        ),
        (
            "an algorithm that is not taken",
            json!({"alg": "ES256K"}),
            unknown,
        ),
        ("an array", json!({"alg": ["ES256"]}), unknown),
        ("null", json!({"alg": null}), unknown),
    ]);
    let token = issuer().token_of(
        Algorithm::Es256,
        r#"{"kid":"es256"}"#,
        &claims().to_string(),
    );
    check("no alg", &verifier(), &token, unknown);
    for alg in ["none", "None", "NONE"] {
        let (header, payload) = (
            encode(json!({"alg": alg}).to_string()),
            encode(claims().to_string()),
        );
        let unsigned = format!("{header}.{payload}.");
        assert_eq!(
            Said::at_once(&verifier(), &unsigned),
            Said::Absent,
            "{alg}, unsigned"
        );
    }
}

#[test]
fn alg_must_be_permitted_by_issuer_and_key() {
    let refused_by_key = Some("the token's …");
    check_headers(&[
        ("the key's", json!({"alg": "ES256", "kid": "es256"}), None),
        (
            "another key's",
            json!({"alg": "RS256", "kid": "es256"}),
            refused_by_key,
        ),
        (
            "a weaker one of the same type",
            json!({"alg": "RS512", "kid": "rs256"}),
            refused_by_key,
        ),
        (
            "HMAC with a public key's name",
            json!({"alg": "HS256", "kid": "rs256"}),
            refused_by_key,
        ),
    ]);
    let narrowed = issuer()
        .trusted()
        .with_algorithms([Algorithm::EdDsa])
        .unwrap();
    let narrowed = JwtVerifier::new([narrowed]).unwrap();
    let eddsa = issuer().token(Algorithm::EdDsa, &claims());
    check("permitted by both", &narrowed, &eddsa, None);
    let reason = "the token's alg is …";
    check(
        "by the key alone",
        &narrowed,
        &es256(&claims()),
        Some(reason),
    );
}

#[test]
fn an_hmac_secret_verifies_hs256_and_nothing_else() {
    let keys = KeySet::from_hmac_secret(Algorithm::Hs256, SECRET).unwrap();
    let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], keys).unwrap();
    let verifier = JwtVerifier::new([trusted])
        .unwrap()
        .with_clock(StandingClock::at(NOW));
    let hs256 = issuer().token(Algorithm::Hs256, &claims());
    check("by the secret", &verifier, &hs256, None);
    let none = Some("the token's …");
    check(
        "by a key that is not there",
        &verifier,
        &es256(&claims()),
        none,
    );
    check(
        "by the secret, to public keys",
        &super::verifier(),
        &hs256,
        none,
    );
}

#[test]
fn jwk_jku_x5u_and_x5c_are_ignored() {
    let stranger = Issuer::new();
    let header = json!({
        "jwk": stranger.jwk(Algorithm::Es256),
        "jku": "https://stranger.example/jwks.json",
        "x5u": "https://stranger.example/cert.pem",
        "x5c": ["MIIB"],
    });
    let signed_by = |issuer: &Issuer| issuer.token_with_header(header.clone(), &claims());
    let wrong = Some("the signature is wrong");
    check(
        "signed by the issuer",
        &verifier(),
        &signed_by(issuer()),
        None,
    );
    check(
        "signed by the key within",
        &verifier(),
        &signed_by(&stranger),
        wrong,
    );
}

#[test]
fn kid_is_bounded_and_compared_exactly() {
    let bad = Some("the token's kid is…");
    let none = Some("the token's kid is…");
    check_headers(&[
        ("the key's", json!({"kid": "es256"}), None),
        ("another case", json!({"kid": "ES256"}), none),
        ("a space behind", json!({"kid": "es256 "}), none),
        ("nothing", json!({"kid": ""}), none),
        (
            "anything",
            json!({"kid": "../../dev/null\u{0}' OR 1=1 --"}),
            none,
        ),
        ("a long one", json!({"kid": "k".repeat(256)}), none),
        ("one too long", json!({"kid": "k".repeat(257)}), bad),
        ("a number", json!({"kid": 1}), bad),
        ("null", json!({"kid": null}), bad),
        ("an array", json!({"kid": ["es256"]}), bad),
    ]);
}

#[test]
fn a_token_without_kid_may_fit_any_key() {
    let payload = claims().to_string();
    let token = issuer().token_of(Algorithm::Es256, r#"{"alg":"ES256"}"#, &payload);
    check("one key", &verifier(), &token, None);
    let mut second = Issuer::new().jwk(Algorithm::Es256);
    second["kid"] = "second".into();
    let jwks = json!({"keys": [issuer().jwk(Algorithm::Es256), second]}).to_string();
    let keys = KeySet::from_jwks(jwks.as_bytes()).unwrap();
    let trusted = TrustedIssuer::new(ISSUER, [AUDIENCE], keys).unwrap();
    let two = JwtVerifier::new([trusted])
        .unwrap()
        .with_clock(StandingClock::at(NOW));
    check("two keys", &two, &token, None);
    let other = Issuer::new().token_of(Algorithm::Es256, r#"{"alg":"ES256"}"#, &payload);
    check(
        "neither of two keys",
        &two,
        &other,
        Some("the signature is wrong"),
    );
    check("two keys, one named", &two, &es256(&claims()), None);
}

/// The tests have the feature `raw_value` of `serde_json`, by which JSON in a string would be read.
#[test]
fn json_within_a_string_stays_a_string() {
    let raw = |json: &str| json!({"$serde_json::private::RawValue": json});
    let mut deep = String::from("1");
    for _ in 0..10 {
        deep = raw(&format!("{}{deep}{}", "[".repeat(125), "]".repeat(125))).to_string();
    }
    let header = format!(r#"{{"alg":"ES256","kid":"es256","x":{deep}}}"#);
    for (name, header, refused) in [
        ("a header", r#"{"alg":"ES256","kid":"es256"}"#, None),
        ("too deep", &*header, Some(NOT_STRICT)),
        (
            "a name",
            r#"{"alg":"ES256","kid":{"$serde_json::private::RawValue":"\"es256\""}}"#,
            Some(NOT_STRICT),
        ),
    ] {
        let token = issuer().token_of(Algorithm::Es256, header, &claims().to_string());
        check(name, &verifier(), &token, refused);
    }
    let token = es256(&claims_with(json!({"exp": raw("4102444800")})));
    let refused = Some("the payload is not a strict JSON object");
    check("a date", &verifier(), &token, refused);
}
