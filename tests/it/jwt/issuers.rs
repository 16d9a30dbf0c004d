//! Several issuers, selected by the `iss` of a token.

use portcullis::jwt::{Algorithm, JwtVerifier, TrustedIssuer};
use serde_json::json;

use super::{check, es256, verifier};
use crate::support::clock::StandingClock;
use crate::support::issuer::{AUDIENCE, ISSUER, Issuer, NOW, claims, claims_with, issuer};

#[test]
fn iss_is_an_exact_string() {
    let unknown = Some("the token's issuer is …");
    let wrong = Some("the token's issuer is…");
    for (name, iss, refused) in [
        ("the issuer", json!(ISSUER), None),
        ("with a slash", json!(format!("{ISSUER}/")), unknown),
        ("in another case", json!(ISSUER.to_uppercase()), unknown),
        ("by another scheme", json!("http://idp.example"), unknown),
        ("with the port", json!("https://idp.example:443"), unknown),
        ("with a space", json!(format!("{ISSUER} ")), unknown),
        (
            "a longer one",
            json!(format!("{ISSUER}.evil.example")),
            unknown,
        ),
        ("nothing", json!(""), unknown),
        ("an array", json!([ISSUER]), wrong),
        ("a number", json!(1), wrong),
        ("null", json!(null), wrong),
    ] {
        let mut claims = claims();
        claims["iss"] = iss;
        check(name, &verifier(), &es256(&claims), refused);
    }
    let without = es256(&claims_with(json!({"iss": null})));
    check("no iss", &verifier(), &without, wrong);
}

#[test]
fn each_issuer_has_keys_and_rules_apart() {
    const SECOND: &str = "https://idp.example/";
    let second = Issuer::new();
    let trusted = TrustedIssuer::new(SECOND, ["uploads"], second.keys()).unwrap();
    let trusted = trusted.with_algorithms([Algorithm::EdDsa]).unwrap();
    let both = JwtVerifier::new([issuer().trusted(), trusted]).unwrap();
    let both = both.with_clock(StandingClock::at(NOW));
    let of_second = |aud: &str| claims_with(json!({"iss": SECOND, "aud": aud}));
    let eddsa = Algorithm::EdDsa;
    let signature = Some("the signature is wrong");
    for (name, token, refused) in [
        ("of the first", issuer().token(eddsa, &claims()), None),
        (
            "of the second",
            second.token(eddsa, &of_second("uploads")),
            None,
        ),
        (
            "the first's iss, by the second",
            second.token(eddsa, &claims()),
            signature,
        ),
        (
            "the second's iss, by the first",
            issuer().token(eddsa, &of_second("uploads")),
            signature,
        ),
        (
            "the first's audience",
            second.token(eddsa, &of_second(AUDIENCE)),
            Some("the token's audience is …"),
        ),
        (
            "the first's algorithm",
            second.token(Algorithm::Es256, &of_second("uploads")),
            Some("the token's alg is …"),
        ),
    ] {
        check(name, &both, &token, refused);
    }
}

#[test]
fn a_verifier_needs_issuers_and_none_twice() {
    let none = JwtVerifier::new([]).unwrap_err();
    assert_eq!(none.to_string(), "issuers: there must be at least one");
    let twice = JwtVerifier::new([issuer().trusted(), issuer().trusted()]).unwrap_err();
    let expected = "issuers: \"https://idp.example\" is given twice";
    assert_eq!(twice.to_string(), expected);
    let empty = TrustedIssuer::new("", [AUDIENCE], issuer().keys()).unwrap_err();
    assert_eq!(empty.to_string(), "issuer: must not be empty");
}

#[test]
fn a_verifier_prints_its_issuers_and_no_key() {
    let trusted = "TrustedIssuer { name: \"https://idp.example\", audiences: \
                   Some([\"packages\"]), keys: KeySet { keys: 3, left_out: 0, .. }, .. }";
    let expected = format!("JwtVerifier {{ issuers: [{trusted}], cache_capacity: 4096, .. }}");
    assert_eq!(format!("{:?}", verifier()), expected);
}
