use super::*;

#[tokio::test]
async fn metadata_is_complete_and_its_endpoints_are_safe() {
    use ProviderErrorKind::{Metadata, Unreachable};
    for (name, changes, expected) in [
        ("the least", json!({"userinfo_endpoint": null}), None),
        (
            "another issuer",
            json!({"issuer": "https://id.example/"}),
            Some(Metadata),
        ),
        ("no issuer", json!({"issuer": null}), Some(Metadata)),
        (
            "no authorization",
            json!({"authorization_endpoint": null}),
            Some(Metadata),
        ),
        ("no tokens", json!({"token_endpoint": null}), Some(Metadata)),
        ("no keys", json!({"jwks_uri": null}), Some(Metadata)),
        (
            "tokens in a list",
            json!({"token_endpoint": ["https://id.example"]}),
            Some(Metadata),
        ),
        (
            "tokens off TLS",
            json!({"token_endpoint": "http://id.example/t"}),
            Some(Metadata),
        ),
        (
            "a path",
            json!({"authorization_endpoint": "/authorize"}),
            Some(Metadata),
        ),
        (
            "a script",
            json!({"authorization_endpoint": "javascript:alert(1)"}),
            Some(Metadata),
        ),
        (
            "S256",
            json!({"code_challenge_methods_supported": ["plain", "S256"]}),
            None,
        ),
        (
            "plain alone",
            json!({"code_challenge_methods_supported": ["plain"]}),
            Some(Metadata),
        ),
        (
            "plain and nothing else that is text",
            json!({"code_challenge_methods_supported": ["plain", 1]}),
            Some(Metadata),
        ),
    ] {
        let provider = Script::openid(&with(metadata(), &changes)).provider();
        assert_eq!(kind(provider.metadata().await), expected, "{name}");
    }
    for (name, reply, expected) in [
        (
            "an error",
            Reply::Is(500, metadata().to_string()),
            Unreachable,
        ),
        ("nobody there", Reply::Breaks, Unreachable),
        ("HTML", Reply::Is(200, "<html>".into()), Metadata),
        (
            "two issuers",
            Reply::Is(200, r#"{"issuer":"a","issuer":"a"}"#.into()),
            Metadata,
        ),
    ] {
        let script = Script::openid(&metadata());
        script.reply(METADATA, reply);
        assert_eq!(
            kind(script.provider().metadata().await),
            Some(expected),
            "{name}"
        );
    }
}

#[tokio::test]
async fn odd_optional_metadata_counts_as_absent() {
    let (user, end_session) = ("userinfo_endpoint", "end_session_endpoint");
    for (name, changes, unused) in [
        ("the least", json!({}), &[][..]),
        ("empty", json!({user: "", end_session: ""}), &[]),
        (
            "a list and a number",
            json!({user: ["https://id.example/u"], end_session: 1}),
            &[user, end_session],
        ),
        ("off TLS", json!({user: "http://id.example/u"}), &[user]),
        ("a path", json!({end_session: "/logout"}), &[end_session]),
        (
            "a script",
            json!({end_session: "javascript:alert(1)"}),
            &[end_session],
        ),
        (
            "methods that are no list",
            json!({
                "code_challenge_methods_supported": "S256",
                "token_endpoint_auth_methods_supported": {},
            }),
            &[],
        ),
        (
            "empty lists",
            json!({
                "code_challenge_methods_supported": [],
                "token_endpoint_auth_methods_supported": [null],
            }),
            &[],
        ),
    ] {
        let least = with(metadata(), &json!({user: null}));
        let provider = Script::openid(&with(least, &changes)).provider();
        let found = provider.metadata().await.unwrap();
        assert_eq!(found.unused, unused, "{name}");
        assert!(
            found.user.is_none() && found.end_session.is_none(),
            "{name}"
        );
        for endpoint in [user, end_session] {
            let is_unused = unused.contains(&endpoint);
            assert_eq!(provider.leaves_unused(endpoint).await, is_unused, "{name}");
        }
    }
    let nulls = r#"{"issuer": "https://id.example", "authorization_endpoint": "https://id.example/a",
        "token_endpoint": "https://id.example/t", "jwks_uri": "https://id.example/k",
        "userinfo_endpoint": null, "end_session_endpoint": null,
        "code_challenge_methods_supported": null, "token_endpoint_auth_methods_supported": null}"#;
    let script = Script::openid(&metadata());
    script.reply(METADATA, Reply::Is(200, nulls.to_owned()));
    let found = script.provider().metadata().await.unwrap();
    assert!(found.unused.is_empty());
}

#[tokio::test]
async fn metadata_of_another_issuer_names_both() {
    let expected = r#"expected "https://id.example""#;
    for (issuer, problem) in [
        (
            "https://id.example/",
            "the metadata belongs to another issuer",
        ),
        (
            "https://login.example/{tenantid}/v2.0",
            "the metadata is for all tenants: the issuer must have the id of one tenant in its URL",
        ),
    ] {
        let script = Script::openid(&with(metadata(), &json!({"issuer": issuer})));
        let error = script.provider().metadata().await.unwrap_err();
        let of_keys = std::error::Error::source(&error).unwrap();
        assert_eq!(of_keys.to_string(), problem);
        let both = of_keys.source().unwrap().to_string();
        assert_eq!(
            both,
            format!("the issuer in the metadata is {issuer:?}, {expected}")
        );
    }
    let script = Script::openid(&with(metadata(), &json!({"token_endpoint": 1})));
    let error = script.provider().metadata().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the provider's metadata has no usable token_endpoint"
    );
}

#[tokio::test]
async fn metadata_and_keys_can_be_fetched_at_the_start() {
    let script = Script::openid(&metadata());
    script.reply("/keys", Reply::Is(200, SIGNER.jwks()));
    assert_eq!(kind(script.provider().fetch().await), None);
    // The keys read the metadata for themselves.
    assert_eq!(script.paths(), [METADATA, METADATA, "/keys"]);
    script.reply("/keys", Reply::Is(500, String::new()));
    let error = kind(script.provider().fetch().await);
    assert_eq!(error, Some(ProviderErrorKind::Unreachable));
    let plain = Script::nothing();
    assert_eq!(kind(plain.plain(endpoints()).fetch().await), None);
    assert!(plain.paths().is_empty());
}

#[tokio::test]
async fn a_configured_url_replaces_that_of_metadata() {
    use ProviderUrl::{Authorization, Keys, Metadata, Token, User};
    let urls = |found: &metadata::ProviderMetadata| {
        let user = found.user.as_ref().map(|url| url.as_str().to_owned());
        [&found.authorize, &found.token]
            .map(|url| url.as_str().to_owned())
            .into_iter()
            .chain(user)
            .collect::<Vec<_>>()
    };
    let script = Script::openid(&metadata());
    let discovered = script.provider();
    let outside = urls(&discovered.metadata().await.unwrap());
    for (which, place) in [(Authorization, 0), (Token, 1), (User, 2)] {
        let inside = "https://id.internal/x?y";
        let provider = discovered.clone().with_url(which, inside).unwrap();
        let mut expected = outside.clone();
        expected[place] = inside.to_owned();
        assert_eq!(
            urls(&provider.metadata().await.unwrap()),
            expected,
            "{which:?}"
        );
    }
    script.paths();

    // Elsewhere there is neither the metadata nor the keys.
    script.reply(
        "/inside",
        Reply::ok(&with(metadata(), &json!({"jwks_uri": null}))),
    );
    script.reply("/inside/keys", Reply::Is(200, SIGNER.jwks()));
    script.reply(METADATA, Reply::Breaks);
    script.reply("/keys", Reply::Breaks);
    let tokens = json!({"access_token": "at-1", "id_token": script.id_token(&json!({}))});
    script.reply("/token", Reply::ok(&tokens));
    let provider = discovered
        .with_url(Metadata, "https://id.internal/inside")
        .unwrap();
    let lacks_keys = kind(provider.redeem(script.redemption()).await);
    assert_eq!(lacks_keys, Some(ProviderErrorKind::Metadata));
    let provider = provider
        .with_url(Keys, "https://id.internal/inside/keys")
        .unwrap();
    assert!(provider.redeem(script.redemption()).await.is_ok());
    assert_eq!(
        script.paths(),
        ["/inside", "/inside", "/token", "/inside/keys"]
    );

    script.reply(
        "/inside",
        Reply::ok(&with(metadata(), &json!({"issuer": "https://id.internal"}))),
    );
    let provider = script
        .provider()
        .with_url(Metadata, "https://id.internal/inside")
        .unwrap();
    assert_eq!(
        kind(provider.metadata().await),
        Some(ProviderErrorKind::Metadata)
    );
}

#[test]
fn a_configured_url_must_be_safe() {
    let secure = Script::nothing().provider();
    let insecure = Provider::insecure_discover_over_http(ISSUER, "gateway", None).unwrap();
    for (url, by_secure, by_insecure) in [
        ("https://id.internal/token", true, true),
        ("http://127.0.0.1:8080/token", true, true),
        ("http://id.internal/token", false, true),
        ("https://ana@id.internal/token", false, false),
        ("id.internal/token", false, false),
    ] {
        for which in [ProviderUrl::Metadata, ProviderUrl::Token, ProviderUrl::Keys] {
            assert_eq!(
                secure.clone().with_url(which, url).is_ok(),
                by_secure,
                "{url}"
            );
            assert_eq!(
                insecure.clone().with_url(which, url).is_ok(),
                by_insecure,
                "{url}"
            );
        }
    }
    let plain = Script::nothing().plain(endpoints());
    let refused = plain.with_url(ProviderUrl::Token, "https://id.internal/token");
    assert_eq!(refused.unwrap_err().setting(), "token URL");
}

#[tokio::test(start_paused = true)]
async fn a_silent_provider_is_given_up() {
    let script = Script::openid(&metadata());
    script.reply(METADATA, Reply::Hangs);
    let provider = script.provider().with_timeout(Duration::from_secs(3));
    let began = tokio::time::Instant::now();
    assert_eq!(
        kind(provider.metadata().await),
        Some(ProviderErrorKind::Unreachable)
    );
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn keys_use_the_providers_time_limit_and_clock() {
    let script = Script::openid(&metadata());
    let provider = script.provider().with_timeout(Duration::from_secs(3));
    let sign_in = || async {
        let id_token = script.id_token(&json!({}));
        let tokens = json!({"access_token": "at-1", "id_token": id_token});
        script.reply("/token", Reply::ok(&tokens));
        kind(provider.redeem(script.redemption()).await)
    };
    script.reply("/keys", Reply::Hangs);
    let began = tokio::time::Instant::now();
    assert_eq!(sign_in().await, Some(ProviderErrorKind::Unreachable));
    assert_eq!(began.elapsed().as_secs(), 3);

    script.pass(60);
    script.reply("/keys", Reply::Is(200, SIGNER.jwks()));
    assert_eq!(sign_in().await, None);
    script.paths();
    assert_eq!(sign_in().await, None);
    assert_eq!(script.paths(), ["/token"]);
    // Keys of more than a day ago are asked for again.
    script.pass(2 * 24 * 3600);
    assert_eq!(sign_in().await, None);
    assert!(script.paths().iter().any(|path| path == "/keys"));
}

#[tokio::test]
async fn many_who_need_metadata_wait_for_one_fetch() {
    let script = Script::openid(&metadata());
    let provider = script.provider();
    let all = futures_util::future::join_all((0..30).map(|_| provider.metadata()));
    assert!(all.await.iter().all(Result::is_ok));
    assert_eq!(script.paths(), [METADATA]);
}

#[tokio::test]
async fn metadata_is_fetched_hourly_and_survives_failures() {
    let script = Script::openid(&metadata());
    let provider = script.provider();
    let moved = json!({"token_endpoint": "https://id.example/moved"});
    let path = || async { provider.metadata().await.unwrap().token.path().to_owned() };
    assert_eq!(path().await, "/token");
    script.reply(METADATA, Reply::ok(&with(metadata(), &moved)));
    script.pass(3599);
    assert_eq!(path().await, "/token");
    assert_eq!(script.paths(), [METADATA]);
    script.pass(1);
    assert_eq!(path().await, "/moved");
    assert_eq!(script.paths(), [METADATA]);
    script.pass(3600);
    script.reply(METADATA, Reply::Breaks);
    assert_eq!(path().await, "/moved");
    // Within five seconds nobody asks again.
    script.pass(4);
    assert_eq!(path().await, "/moved");
    assert_eq!(script.paths(), [METADATA]);
    script.reply(METADATA, Reply::ok(&metadata()));
    script.pass(1);
    assert_eq!(path().await, "/token");
    assert_eq!(script.paths(), [METADATA]);
}

#[tokio::test]
async fn a_failure_is_remembered_for_five_seconds() {
    let script = Script::nothing();
    script.reply(METADATA, Reply::Breaks);
    let provider = script.provider();
    for (pass, expected) in [(0, 1), (4, 0), (1, 1), (4, 0)] {
        script.pass(pass);
        assert_eq!(
            kind(provider.metadata().await),
            Some(ProviderErrorKind::Unreachable)
        );
        assert_eq!(script.paths().len(), expected, "{pass}");
    }
    script.reply(METADATA, Reply::ok(&metadata()));
    script.pass(1);
    assert!(provider.metadata().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_slow_failure_is_remembered_from_its_end() {
    let script = Script::openid(&metadata());
    let provider = script.provider();
    provider.metadata().await.unwrap();
    script.reply(METADATA, Reply::Hangs);
    script.pass(3600);
    script.paths();
    let goes_on = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        script.pass(10);
    };
    let (known, ()) = tokio::join!(provider.metadata(), goes_on);
    // The last serves, and nobody else waits for ten seconds.
    assert!(known.is_ok());
    let began = tokio::time::Instant::now();
    for pass in [0, 4] {
        script.pass(pass);
        assert!(provider.metadata().await.is_ok());
        assert_eq!(script.paths().len(), usize::from(pass == 0), "{pass}");
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    script.reply(METADATA, Reply::ok(&metadata()));
    script.pass(1);
    assert!(provider.metadata().await.is_ok());
    assert_eq!(script.paths(), [METADATA]);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_fetch_is_continued_by_the_next() {
    let script = Script::openid(&metadata());
    script.reply(METADATA, Reply::Hangs);
    let provider = script.provider();
    let left = tokio::time::timeout(Duration::from_secs(1), provider.metadata());
    assert!(left.await.is_err());
    assert_eq!(
        kind(provider.metadata().await),
        Some(ProviderErrorKind::Unreachable)
    );
    assert_eq!(script.paths(), [METADATA]);
    script.reply(METADATA, Reply::ok(&metadata()));
    script.pass(5);
    assert!(provider.metadata().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_overdue_fetch_is_not_continued() {
    let script = Script::openid(&metadata());
    script.reply(METADATA, Reply::Hangs);
    let provider = script.provider();
    let left = tokio::time::timeout(Duration::from_secs(1), provider.metadata());
    assert!(left.await.is_err());
    // The process was frozen, say.
    tokio::time::advance(Duration::from_mins(1)).await;
    script.reply(METADATA, Reply::ok(&metadata()));
    assert!(provider.metadata().await.is_ok());
}
