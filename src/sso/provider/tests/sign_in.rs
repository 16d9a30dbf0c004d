use super::*;
use crate::jwt::ClaimPath;

/// The token endpoint's answer, with an ID token of these claims.
fn answer(script: &Script, claims: &Value) -> Reply {
    Reply::ok(&json!({
        "access_token": "at-1", "token_type": "Bearer", "id_token": script.id_token(claims),
        "refresh_token": "rt-1", "expires_in": 60, "scope": "openid email",
    }))
}

#[tokio::test]
async fn a_code_yields_person_and_tokens() {
    let script = Script::openid(&metadata());
    script.reply(
        "/token",
        answer(&script, &json!({"c_hash": null, "s_hash": "x"})),
    );
    let grant = script.provider().redeem(script.redemption()).await.unwrap();
    assert_eq!(grant.subject, "u-1");
    assert_eq!(grant.scopes, ["openid", "email"]);
    assert_eq!(grant.access_token.expose(), "at-1");
    assert_eq!(grant.refresh_token.as_ref().unwrap().expose(), "rt-1");
    let id_token = grant.id_token.as_ref().unwrap().expose();
    assert!(id_token.starts_with("eyJ"));
    assert_eq!(
        grant.expires_at,
        Some(script.now() + Duration::from_mins(1))
    );
    // Claims about the exchange are left out.
    let names: Vec<_> = grant.claims.as_object().keys().collect();
    assert_eq!(names, ["aud", "email", "exp", "iat", "iss", "sub"]);
    let printed = format!("{grant:?}");
    assert!(!printed.contains("at-1") && !printed.contains("rt-1") && !printed.contains("eyJ"));
    // The user endpoint has nothing to add.
    assert_eq!(script.paths(), [METADATA, "/token", METADATA, "/keys"]);
}

#[tokio::test]
async fn a_sign_in_needs_a_valid_id_token() {
    let refused = Some(ProviderErrorKind::IdToken);
    for (name, claims, expected) in [
        ("a good one", json!({}), None),
        ("another nonce", json!({"nonce": "x"}), refused),
        ("no nonce", json!({"nonce": null}), refused),
        ("another audience", json!({"aud": "x"}), refused),
        (
            "another issuer",
            json!({"iss": "https://evil.example"}),
            refused,
        ),
        (
            "the hash of another access token",
            json!({"at_hash": "x"}),
            refused,
        ),
        ("the hash of another code", json!({"c_hash": "x"}), refused),
        ("nobody", json!({"sub": null}), refused),
        ("an empty subject", json!({"sub": ""}), refused),
        ("a subject in a number", json!({"sub": 1}), refused),
    ] {
        let script = Script::openid(&metadata());
        script.reply("/token", answer(&script, &claims));
        let found = script.provider().redeem(script.redemption()).await;
        assert_eq!(kind(found), expected, "{name}");
    }
    let script = Script::openid(&metadata());
    script.reply("/token", Reply::ok(&json!({"access_token": "at-1"})));
    assert_eq!(
        kind(script.provider().redeem(script.redemption()).await),
        refused
    );
    // The keys cannot be fetched, which is not the token's fault.
    let script = Script::openid(&metadata());
    script.reply("/token", answer(&script, &json!({})));
    script.reply("/keys", Reply::Is(500, String::new()));
    let found = script.provider().redeem(script.redemption()).await;
    assert_eq!(kind(found), Some(ProviderErrorKind::Unreachable));
}

#[tokio::test]
async fn the_user_endpoint_adds_missing_claims() {
    let groups = || ClaimPath::new(["realm", "groups"]).unwrap();
    let user = json!({
        "sub": "u-1", "email": "ana@other.example", "iss": "https://evil.example", "realm": {},
    });
    // The claims of the ID token; whether groups are wanted; whether the endpoint is asked; the resulting
    // e-mail address.
    for (name, claims, wanted, asked, email) in [
        ("an e-mail", json!({}), false, false, "ana@example.com"),
        (
            "no e-mail",
            json!({"email": null}),
            false,
            true,
            "ana@other.example",
        ),
        ("no groups", json!({}), true, true, "ana@example.com"),
        (
            "groups",
            json!({"realm": {"groups": []}}),
            true,
            false,
            "ana@example.com",
        ),
    ] {
        let script = Script::openid(&metadata());
        script.reply("/token", answer(&script, &claims));
        script.reply("/userinfo", Reply::ok(&user));
        let mut provider = script.provider();
        if wanted {
            provider = provider.with_wanted_claim(groups());
        }
        let grant = provider.redeem(script.redemption()).await.unwrap();
        assert_eq!(grant.claims.get("email").unwrap(), email, "{name}");
        assert_eq!(grant.claims.get("iss").unwrap(), ISSUER, "{name}");
        let paths = script.paths();
        assert_eq!(
            paths.iter().any(|path| path == "/userinfo"),
            asked,
            "{name}"
        );
    }
    // Without such an endpoint, only the ID token counts.
    let script = Script::openid(&with(metadata(), &json!({"userinfo_endpoint": null})));
    script.reply("/token", answer(&script, &json!({"email": null})));
    let grant = script.provider().redeem(script.redemption()).await.unwrap();
    assert_eq!(grant.claims.get("email"), None);
}

#[tokio::test]
async fn verification_belongs_to_its_address() {
    let wanted = || ClaimPath::new(["groups"]).unwrap();
    let (ours, theirs) = (json!("ana@example.com"), json!("ana@other.example"));
    // Address and verification in the ID token, the same in the user endpoint's answer, and the result.
    for (name, token, user, expected) in [
        (
            "theirs is not verified",
            (json!(null), json!(true)),
            (&theirs, json!(false)),
            (&theirs, json!(false)),
        ),
        (
            "neither is reported as verified",
            (json!(null), json!(true)),
            (&theirs, json!(null)),
            (&theirs, json!(null)),
        ),
        (
            "theirs is verified and ours counts",
            (ours.clone(), json!(null)),
            (&theirs, json!(true)),
            (&ours, json!(null)),
        ),
        (
            "ours is verified",
            (ours.clone(), json!(true)),
            (&theirs, json!(false)),
            (&ours, json!(true)),
        ),
        (
            "both tell the same",
            (ours.clone(), json!(null)),
            (&ours, json!(true)),
            (&ours, json!(true)),
        ),
    ] {
        let script = Script::openid(&metadata());
        let claims = json!({"email": token.0, "email_verified": token.1});
        script.reply("/token", answer(&script, &claims));
        let user = json!({"sub": "u-1", "email": user.0, "email_verified": user.1});
        script.reply("/userinfo", Reply::ok(&with(user, &json!({}))));
        let provider = script.provider().with_wanted_claim(wanted());
        let grant = provider.redeem(script.redemption()).await.unwrap();
        let told = |claim| grant.claims.get(claim).cloned().unwrap_or_default();
        let told = (&told("email"), told("email_verified"));
        assert_eq!(told, expected, "{name}");
    }
}

#[tokio::test]
async fn a_null_claim_is_absent() {
    let script = Script::openid(&metadata());
    let mut claims = script.claims();
    claims["email"] = Value::Null;
    let id_token = SIGNER.token(&header(), &claims);
    script.reply(
        "/token",
        Reply::ok(&json!({"access_token": "at-1", "id_token": id_token})),
    );
    let user = json!({"sub": "u-1", "email": "ana@example.com"});
    script.reply("/userinfo", Reply::ok(&user));
    let grant = script.provider().redeem(script.redemption()).await.unwrap();
    assert_eq!(grant.claims.get("email").unwrap(), "ana@example.com");
}

#[tokio::test]
async fn the_user_endpoint_must_name_the_same_person() {
    use ProviderErrorKind::{Denied, Malformed, Status};
    for (name, reply, expected) in [
        ("the same", Reply::ok(&json!({"sub": "u-1"})), None),
        (
            "another",
            Reply::ok(&json!({"sub": "u-2"})),
            Some(Malformed),
        ),
        (
            "nobody",
            Reply::ok(&json!({"email": "ana@example.com"})),
            Some(Malformed),
        ),
        (
            "signed",
            Reply::Is(200, "eyJhbGciOiJIUzI1NiJ9.e30.AA".into()),
            Some(Malformed),
        ),
        ("denied", Reply::Is(401, String::new()), Some(Denied)),
        (
            "broken",
            Reply::Is(500, String::new()),
            Some(Status(StatusCode::from_u16(500).unwrap())),
        ),
    ] {
        let script = Script::openid(&metadata());
        script.reply("/token", answer(&script, &json!({"email": null})));
        script.reply("/userinfo", reply);
        let found = script.provider().redeem(script.redemption()).await;
        assert_eq!(kind(found), expected, "{name}");
    }
}
