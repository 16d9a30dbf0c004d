//! RFC 7519 section 4.1: for whom, about whom, and when.

use std::time::{Duration, SystemTime};

use portcullis::jwt::{Algorithm, JwtVerifier};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Said, check, es256, verifier};
use crate::support::clock::StandingClock;
use crate::support::issuer::{AUDIENCE, ISSUER, NOW, claims, claims_with, issuer};

const EXPIRED: &str = "the token's exp is…";
const EARLY: &str = "the token's …";
const NO_NUMBER: &str = "the token's …";

fn token_with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().insert(name.into(), value);
    es256(&claims)
}

/// A token with this text as the value.
fn token_with_text(name: &str, text: &str) -> String {
    let claims = claims_with(json!({name: null})).to_string();
    let payload = format!("{{\"{name}\":{text},{}", &claims[1..]);
    issuer().token_of(
        Algorithm::Es256,
        r#"{"alg":"ES256","kid":"es256"}"#,
        &payload,
    )
}

#[test]
fn exp_is_required_and_never_overflows() {
    let payload = "the payload is not a strict JSON object";
    for (exp, refused) in [
        ("1700000100", None),
        ("1700000100.5", None),
        ("17000001e2", None),
        ("18446744073709551615", None),
        ("18446744073709551616", None),
        ("1e300", None),
        ("1e400", Some(payload)),
        ("0", Some(EXPIRED)),
        ("-0.0", Some(EXPIRED)),
        ("-1", Some(EXPIRED)),
        ("-1e300", Some(EXPIRED)),
        ("-9223372036854775808", Some(EXPIRED)),
        ("NaN", Some(payload)),
        ("\"1700000100\"", Some(NO_NUMBER)),
        ("null", Some(NO_NUMBER)),
        ("true", Some(NO_NUMBER)),
        ("[1700000100]", Some(NO_NUMBER)),
        ("{}", Some(NO_NUMBER)),
    ] {
        check(
            &format!("exp of {exp}"),
            &verifier(),
            &token_with_text("exp", exp),
            refused,
        );
    }
    let without = es256(&claims_with(json!({"exp": null})));
    check(
        "no exp",
        &verifier(),
        &without,
        Some(r#"the token's exp is missing, expected "a number of seconds since 1970""#),
    );
}

#[test]
fn nbf_and_iat_never_overflow() {
    for name in ["nbf", "iat"] {
        for (value, refused) in [
            ("1699999999", None),
            ("1699999999.9", None),
            ("0", None),
            ("-1", None),
            ("-1e300", None),
            ("18446744073709551615", Some(EARLY)),
            ("1e300", Some(EARLY)),
            ("\"1\"", Some(NO_NUMBER)),
            ("null", Some(NO_NUMBER)),
            ("[]", Some(NO_NUMBER)),
        ] {
            let token = token_with_text(name, value);
            check(&format!("{name} of {value}"), &verifier(), &token, refused);
        }
        let without = es256(&claims_with(json!({name: null})));
        check(&format!("no {name}"), &verifier(), &without, None);
    }
}

#[test]
fn the_leeway_is_exactly_30_seconds() {
    let (before, after) = (NOW - 30, NOW + 30);
    for (name, claim, value, refused) in [
        ("exp a second within", "exp", before + 1, None),
        ("exp at the bound", "exp", before, Some(EXPIRED)),
        ("exp a second beyond", "exp", before - 1, Some(EXPIRED)),
        ("nbf a second within", "nbf", after - 1, None),
        ("nbf at the bound", "nbf", after, None),
        ("nbf a second beyond", "nbf", after + 1, Some(EARLY)),
        ("iat a second within", "iat", after - 1, None),
        ("iat at the bound", "iat", after, None),
        ("iat a second beyond", "iat", after + 1, Some(EARLY)),
    ] {
        check(name, &verifier(), &token_with(claim, json!(value)), refused);
    }
    let strict = issuer().trusted().with_leeway(Duration::ZERO).unwrap();
    let strict = JwtVerifier::new([strict])
        .unwrap()
        .with_clock(StandingClock::at(NOW));
    for (name, claim, value, refused) in [
        ("exp in a second", "exp", NOW + 1, None),
        ("exp now", "exp", NOW, Some(EXPIRED)),
        ("nbf now", "nbf", NOW, None),
        ("nbf in a second", "nbf", NOW + 1, Some(EARLY)),
        ("iat in a second", "iat", NOW + 1, Some(EARLY)),
    ] {
        check(
            &format!("no leeway, {name}"),
            &strict,
            &token_with(claim, json!(value)),
            refused,
        );
    }
}

#[test]
fn a_leeway_is_five_minutes_at_most() {
    let with = |seconds| issuer().trusted().with_leeway(Duration::from_secs(seconds));
    assert!(with(300).is_ok());
    let error = with(301).unwrap_err();
    assert_eq!(error.to_string(), "leeway: must be at most five minutes");
}

#[test]
fn a_clock_before_1970_or_far_beyond_judges() {
    #[derive(Debug)]
    struct At(SystemTime);
    impl portcullis::Clock for At {
        fn now(&self) -> SystemTime {
            self.0
        }
    }
    let at = |time| issuer().verifier().with_clock(At(time));
    let token = es256(&claims());
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    check("before 1970", &at(before), &token, Some(EARLY));
    let beyond = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799 + 31);
    let endless = token_with_text("exp", "1e300");
    check("beyond the year 9999", &at(beyond), &endless, Some(EXPIRED));
}

#[test]
fn aud_names_a_configured_audience_exactly() {
    let another = Some("the token's audience is …");
    let wrong = Some("the token's audience is…");
    for (name, aud, refused) in [
        ("ours", json!("packages"), None),
        ("ours in an array", json!(["packages"]), None),
        ("ours among others", json!(["other", "packages"]), None),
        ("another", json!("other"), another),
        ("ours in another case", json!("Packages"), another),
        ("one that begins as ours", json!("packages-2"), another),
        ("one that ours begins with", json!("pack"), another),
        (
            "ours in a list with spaces",
            json!("other packages"),
            another,
        ),
        ("a slash behind", json!("packages/"), another),
        ("nothing", json!(""), another),
        ("an empty array", json!([]), another),
        ("an array of others", json!(["a", "b"]), another),
        ("an array with a number", json!(["packages", 1]), wrong),
        ("an array in an array", json!([["packages"]]), wrong),
        ("an object", json!({"packages": true}), wrong),
        ("a number", json!(1), wrong),
        ("null", json!(null), wrong),
    ] {
        check(name, &verifier(), &token_with("aud", aud), refused);
    }
    let without = es256(&claims_with(json!({"aud": null})));
    check("no aud", &verifier(), &without, another);
}

#[test]
fn taking_any_audience_is_an_explicit_choice() {
    use portcullis::jwt::TrustedIssuer;
    let trusted = TrustedIssuer::insecure_with_any_audience(ISSUER, issuer().keys()).unwrap();
    let any = JwtVerifier::new([trusted])
        .unwrap()
        .with_clock(StandingClock::at(NOW));
    check("ours", &any, &es256(&claims()), None);
    check("another", &any, &token_with("aud", json!("other")), None);
    check(
        "none",
        &any,
        &es256(&claims_with(json!({"aud": null}))),
        None,
    );
    let wrong = Some("the token's audience is…");
    check("a wrong type", &any, &token_with("aud", json!(1)), wrong);
    let none = TrustedIssuer::new(ISSUER, [""; 0], issuer().keys()).unwrap_err();
    assert_eq!(none.to_string(), "audiences: there must be at least one");
    let empty = TrustedIssuer::new(ISSUER, [AUDIENCE, ""], issuer().keys()).unwrap_err();
    assert_eq!(
        empty.to_string(),
        "audiences: an audience must not be empty"
    );
}

#[tokio::test]
async fn the_subject_is_sub_or_else_the_client() {
    for (name, changes, subject) in [
        ("sub", json!({"client_id": "pip"}), "ci"),
        (
            "client_id",
            json!({"sub": null, "client_id": "pip", "azp": "uv"}),
            "pip",
        ),
        ("azp", json!({"sub": null, "azp": "uv"}), "uv"),
        (
            "an empty sub",
            json!({"sub": "", "client_id": "pip"}),
            "pip",
        ),
    ] {
        let token = es256(&claims_with(changes));
        let identity = super::identity(&verifier(), &token).await;
        assert_eq!(
            (identity.subject(), identity.method()),
            (subject, "jwt"),
            "{name}"
        );
    }
    let nobody = es256(&claims_with(json!({"sub": null})));
    check(
        "nobody",
        &verifier(),
        &nobody,
        Some("the token's claim sub, client_id or azp is…"),
    );
    let wrong = Some("the token's claim sub, client_id or azp is…");
    for sub in [json!(1), json!(["ci"])] {
        let mut claims = claims_with(json!({"client_id": "pip"}));
        claims["sub"] = sub.clone();
        check(
            &format!("sub of {sub}"),
            &verifier(),
            &es256(&claims),
            wrong,
        );
    }
}

#[tokio::test]
async fn an_identity_has_expiry_and_claims() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Mine {
        email: String,
        groups: Vec<String>,
    }
    let changes = json!({"exp": NOW + 60, "email": "ana@example.com", "groups": ["a", "b"]});
    let identity = super::identity(&verifier(), &es256(&claims_with(changes))).await;
    let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 60);
    assert_eq!(identity.expires_at(), Some(expiry));
    let claims: &portcullis::jwt::ClaimSet = identity.claims().unwrap();
    assert_eq!(claims.get("iss"), Some(&json!(ISSUER)));
    assert_eq!(claims.get("nonce"), None);
    let mine = Mine {
        email: "ana@example.com".into(),
        groups: vec!["a".into(), "b".into()],
    };
    assert_eq!(claims.to::<Mine>(), Ok(mine));
    let error = claims.to::<Vec<u8>>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the claims do not fit the requested type"
    );
    assert_eq!(format!("{claims:?}"), "ClaimSet(..)");

    let endless = super::identity(&verifier(), &token_with_text("exp", "1e300")).await;
    let year_9999 = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    assert_eq!(
        endless.expires_at(),
        Some(year_9999),
        "the last moment there is"
    );
}

#[test]
fn no_verdict_repeats_its_token() {
    let token = token_with("sub", json!(["s3cret"]));
    let Said::Invalid(reason) = Said::at_once(&verifier(), &token) else {
        panic!("it is refused");
    };
    assert!(!reason.contains("s3cret") && !reason.contains(&token[..20]));
    // What differs is named, and nothing else.
    let token = es256(&claims_with(
        json!({"aud": "other", "sub": "s3cret", "jti": "s3cret"}),
    ));
    let Said::Invalid(reason) = Said::at_once(&verifier(), &token) else {
        panic!("it is refused");
    };
    assert!(reason.contains("other"));
    assert!(!reason.contains("s3cret") && !reason.contains(&token[..20]));
}
