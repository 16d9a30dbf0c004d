use super::*;

async fn refreshed(script: &Arc<Script>, answer: &Value) -> Result<Refreshed, ProviderError> {
    script.reply("/token", Reply::ok(answer));
    let old = Secret::from("rt-1");
    script.provider().refresh(&old, "u-1", script.now()).await
}

#[tokio::test]
async fn a_refresh_keeps_unchanged_values() {
    let script = Script::openid(&metadata());
    let least = refreshed(&script, &json!({"access_token": "at-2"}))
        .await
        .unwrap();
    assert_eq!(least.access_token.expose(), "at-2");
    assert_eq!(least.refresh_token.expose(), "rt-1");
    assert!(least.claims.is_none() && least.scopes.is_none() && least.id_token.is_none());
    assert_eq!(least.expires_at, None);
    let asked = script.asked();
    let form = asked.last().unwrap().body();
    assert_eq!(form, "grant_type=refresh_token&refresh_token=rt-1");

    let whole = json!({
        "access_token": "at-3", "refresh_token": "rt-2", "expires_in": 60, "scope": "openid",
        "id_token": script.id_token(&json!({"nonce": null, "email": "new@example.com"})),
    });
    let whole = refreshed(&script, &whole).await.unwrap();
    assert_eq!(whole.refresh_token.expose(), "rt-2");
    assert_eq!(whole.scopes.unwrap(), ["openid"]);
    assert_eq!(
        whole.expires_at,
        Some(script.now() + Duration::from_mins(1))
    );
    assert_eq!(
        whole.claims.unwrap().get("email").unwrap(),
        "new@example.com"
    );
    assert!(whole.id_token.is_some());
}

#[tokio::test]
async fn a_refreshed_id_token_names_the_same_person() {
    for (name, claims, is_good) in [
        ("the same", json!({}), true),
        ("without a nonce", json!({"nonce": null}), true),
        ("another person", json!({"sub": "u-2"}), false),
        ("another client", json!({"aud": "other"}), false),
        (
            "another issuer",
            json!({"iss": "https://evil.example"}),
            false,
        ),
        ("expired", json!({"exp": 1}), false),
    ] {
        let script = Script::openid(&metadata());
        let answer = json!({"access_token": "at-2", "id_token": script.id_token(&claims)});
        let expected = (!is_good).then_some(ProviderErrorKind::IdToken);
        assert_eq!(kind(refreshed(&script, &answer).await), expected, "{name}");
    }
}

#[tokio::test]
async fn a_failure_elsewhere_loses_no_refresh_token() {
    for (name, path, status, claims) in [
        ("no keys", "/keys", 500, json!({})),
        ("no user endpoint", "/userinfo", 500, json!({"email": null})),
    ] {
        let script = Script::openid(&metadata());
        script.reply(path, Reply::Is(status, String::new()));
        let answer = json!({
            "access_token": "at-2", "refresh_token": "rt-2", "id_token": script.id_token(&claims),
        });
        let found = refreshed(&script, &answer).await.unwrap();
        assert_eq!(found.refresh_token.expose(), "rt-2", "{name}");
        assert!(found.claims.is_none() && found.id_token.is_none(), "{name}");
    }
    // A denied access token is not such a failure.
    let script = Script::openid(&metadata());
    script.reply("/userinfo", Reply::Is(401, String::new()));
    let id_token = script.id_token(&json!({"email": null}));
    let answer = json!({"access_token": "at-2", "id_token": id_token});
    let found = refreshed(&script, &answer).await;
    assert_eq!(kind(found), Some(ProviderErrorKind::Denied));
}

#[tokio::test]
async fn a_plain_provider_has_no_id_tokens() {
    let script = Script::nothing();
    let answer = json!({"access_token": "at-2", "id_token": "any"});
    script.reply("/token", Reply::ok(&answer));
    let provider = script.plain(endpoints());
    let found = provider
        .refresh(&Secret::from("rt-1"), "7", script.now())
        .await
        .unwrap();
    assert!(found.id_token.is_none() && found.claims.is_none());
    let grant = provider.redeem(script.redemption()).await.unwrap();
    assert!(grant.id_token.is_none());
    // The requested ones, if the answer has none.
    assert_eq!(grant.scopes, ["read", "write"]);
}
