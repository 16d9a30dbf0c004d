//! Which kinds of token pass: RFC 8725 sections 3.11 and 3.12, RFC 9068.

use portcullis::jwt::{JwtVerifier, TrustedIssuer};
use serde_json::{Value, json};

use super::{Said, check, es256, verifier};
use crate::support::clock::StandingClock;
use crate::support::issuer::{ISSUER, NOW, claims, claims_with, issuer};

const ANOTHER_TYPE: &str = "the token's typ is…";

#[test]
fn typ_is_absent_jwt_or_at_jwt() {
    let another = Some(ANOTHER_TYPE);
    let verifier = verifier();
    for (name, header, refused) in [
        ("absent", json!({}), None),
        ("JWT", json!({"typ": "JWT"}), None),
        ("jwt", json!({"typ": "jwt"}), None),
        ("application/jwt", json!({"typ": "application/jwt"}), None),
        ("at+jwt", json!({"typ": "at+jwt"}), None),
        ("AT+JWT", json!({"typ": "AT+JWT"}), None),
        (
            "application/at+jwt",
            json!({"typ": "APPLICATION/at+jwt"}),
            None,
        ),
        ("logout+jwt", json!({"typ": "logout+jwt"}), another),
        ("dpop+jwt", json!({"typ": "dpop+jwt"}), another),
        ("secevent+jwt", json!({"typ": "secevent+jwt"}), another),
        (
            "token-introspection+jwt",
            json!({"typ": "token-introspection+jwt"}),
            another,
        ),
        (
            "application/ twice",
            json!({"typ": "application/application/jwt"}),
            another,
        ),
        (
            "application/ alone",
            json!({"typ": "application/"}),
            another,
        ),
        ("another media type", json!({"typ": "text/jwt"}), another),
        ("JWS with a key", json!({"typ": "JOSE"}), another),
        ("nothing", json!({"typ": ""}), another),
        ("a space", json!({"typ": "JWT "}), another),
        (
            "beyond ASCII where the prefix ends",
            json!({"typ": "applicatio\u{e9}/jwt"}),
            another,
        ),
        ("an array", json!({"typ": ["JWT"]}), Some("the token's …")),
        ("null", json!({"typ": null}), Some("the token's …")),
        ("cty of what is signed", json!({"cty": "json"}), None),
        (
            "cty of a nested token",
            json!({"cty": "JWT"}),
            Some("the token contains another token (cty)"),
        ),
        (
            "cty of a nested token, in full",
            json!({"cty": "application/jwt"}),
            Some("the token contains another token (cty)"),
        ),
        ("cty of no string", json!({"cty": 1}), Some("the token's …")),
    ] {
        let token = issuer().token_with_header(header, &claims());
        check(name, &verifier, &token, refused);
    }
}

#[test]
fn an_id_token_is_not_an_access_token() {
    let event = Some("the token is…");
    let says_so = Some("the token's claim t…");
    for (name, changes, refused) in [
        ("an access token", json!({}), None),
        (
            "Keycloak's access token",
            json!({"typ": "Bearer", "azp": "pip"}),
            None,
        ),
        (
            "Cognito's access token",
            json!({"token_use": "access"}),
            None,
        ),
        ("a typ of no string", json!({"typ": 1}), None),
        (
            "an ID token with at_hash",
            json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}),
            event,
        ),
        (
            "an ID token with c_hash",
            json!({"c_hash": "LDktKdoQak3Pk0cnXxCltA"}),
            event,
        ),
        (
            "an ID token with a hash of no string",
            json!({"at_hash": 1}),
            event,
        ),
        ("Keycloak's ID token", json!({"typ": "ID"}), says_so),
        (
            "Keycloak's refresh token",
            json!({"typ": "Refresh"}),
            says_so,
        ),
        (
            "Keycloak's offline token",
            json!({"typ": "Offline"}),
            says_so,
        ),
        ("Cognito's ID token", json!({"token_use": "id"}), says_so),
        (
            "a logout token",
            json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
            event,
        ),
    ] {
        check(name, &verifier(), &es256(&claims_with(changes)), refused);
    }
}

fn strict() -> JwtVerifier {
    let trusted = issuer().trusted().with_access_token_profile();
    let verifier = JwtVerifier::new([trusted]).unwrap();
    verifier.with_clock(StandingClock::at(NOW))
}

fn access_token(changes: &Value) -> Value {
    let mut claims = claims_with(json!({"client_id": "pip", "jti": "1"}));
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    claims
}

#[test]
fn rfc_9068_asks_for_at_jwt_in_typ() {
    let typ = Some("the token's typ is…");
    for (name, header, refused) in [
        ("at+jwt", json!({"typ": "at+jwt"}), None),
        (
            "application/at+jwt",
            json!({"typ": "application/at+jwt"}),
            None,
        ),
        ("At+Jwt", json!({"typ": "At+Jwt"}), None),
        ("JWT, as an ID token has it", json!({"typ": "JWT"}), typ),
        ("absent", json!({}), typ),
        ("another", json!({"typ": "logout+jwt"}), Some(ANOTHER_TYPE)),
        (
            "alg none",
            json!({"typ": "at+jwt", "alg": "none"}),
            Some("the token's alg is…"),
        ),
    ] {
        let token = issuer().token_with_header(header, &access_token(&json!({})));
        check(name, &strict(), &token, refused);
    }
    let encrypted = Said::at_once(&strict(), "e30.a.a.a.a");
    let reason =
        r#"the token is "an encrypted one, of five parts", expected "a signed one, of three""#;
    assert_eq!(encrypted, Said::invalid(reason));
}

#[test]
fn rfc_9068_requires_seven_claims() {
    let names = Some("the token's claim…");
    let there = Some("the token's claim…");
    let numbers = Some("the token's …");
    let iss = Some("the token's issuer is…");
    let audience = Some("the token's audience is …");
    for (name, lacks, wrong, without, with_wrong) in [
        ("iss", "iss", json!(1), iss, iss),
        (
            "exp",
            "exp",
            json!("1"),
            Some("the token's exp is missing…"),
            numbers,
        ),
        (
            "aud",
            "aud",
            json!(1),
            audience,
            Some("the token's audience is…"),
        ),
        ("sub", "sub", json!(1), names, names),
        ("client_id", "client_id", json!(["pip"]), names, names),
        ("iat", "iat", json!("1"), there, numbers),
        ("jti", "jti", json!(1), names, names),
    ] {
        let header = json!({"typ": "at+jwt"});
        let good = issuer().token_with_header(header.clone(), &access_token(&json!({})));
        check("all of them", &strict(), &good, None);
        let mut claims = access_token(&json!({}));
        claims.as_object_mut().unwrap().remove(lacks);
        let token = issuer().token_with_header(header.clone(), &claims);
        check(&format!("without {name}"), &strict(), &token, without);
        let token = issuer().token_with_header(header, &access_token(&json!({lacks: wrong})));
        check(&format!("a wrong {name}"), &strict(), &token, with_wrong);
    }

    let any = TrustedIssuer::insecure_with_any_audience(ISSUER, issuer().keys()).unwrap();
    let any = JwtVerifier::new([any.with_access_token_profile()]).unwrap();
    let any = any.with_clock(StandingClock::at(NOW));
    let mut claims = access_token(&json!({"aud": "another"}));
    for (name, refused) in [("another audience", None), ("no audience", there)] {
        let token = issuer().token_with_header(json!({"typ": "at+jwt"}), &claims);
        check(name, &any, &token, refused);
        claims.as_object_mut().unwrap().remove("aud");
    }
}

#[tokio::test]
async fn rfc_9068_takes_scopes_from_scope_alone() {
    for (name, changes, expected) in [
        (
            "a string",
            json!({"scope": "a b", "scp": ["c"], "permissions": ["d"]}),
            Some(vec!["a", "b"]),
        ),
        ("an array", json!({"scope": ["a", "b"]}), None),
    ] {
        let header = json!({"typ": "at+jwt"});
        let token = issuer().token_with_header(header, &access_token(&changes));
        match expected {
            None => check(name, &strict(), &token, Some("the token's claim scope is…")),
            Some(expected) => {
                let identity = super::identity(&strict(), &token).await;
                assert_eq!(identity.scopes().collect::<Vec<_>>(), expected, "{name}");
            }
        }
    }
    let mut claims = access_token(&json!({}));
    claims.as_object_mut().unwrap().remove("scope");
    let token = issuer().token_with_header(json!({"typ": "at+jwt"}), &claims);
    let identity = super::identity(&strict(), &token).await;
    assert_eq!(identity.scopes().count(), 0, "no scope is asked for");
}
