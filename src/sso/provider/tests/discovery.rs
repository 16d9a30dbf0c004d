use super::*;

#[tokio::test]
async fn metadata_is_complete_and_its_endpoints_are_safe() {
    use ProviderErrorKind::{Malformed, Unreachable};
    for (name, changes, expected) in [
        ("the least", json!({"userinfo_endpoint": null}), None),
        (
            "another issuer",
            json!({"issuer": "https://id.example/"}),
            Some(Malformed),
        ),
        ("no issuer", json!({"issuer": null}), Some(Malformed)),
        (
            "no authorization",
            json!({"authorization_endpoint": null}),
            Some(Malformed),
        ),
        (
            "no tokens",
            json!({"token_endpoint": null}),
            Some(Malformed),
        ),
        ("no keys", json!({"jwks_uri": null}), Some(Malformed)),
        (
            "tokens in a list",
            json!({"token_endpoint": ["https://id.example"]}),
            Some(Malformed),
        ),
        (
            "tokens off TLS",
            json!({"token_endpoint": "http://id.example/t"}),
            Some(Malformed),
        ),
        (
            "a path",
            json!({"authorization_endpoint": "/authorize"}),
            Some(Malformed),
        ),
        (
            "a script",
            json!({"authorization_endpoint": "javascript:alert(1)"}),
            Some(Malformed),
        ),
        (
            "a user off TLS",
            json!({"userinfo_endpoint": "http://id.example/u"}),
            Some(Malformed),
        ),
        (
            "S256",
            json!({"code_challenge_methods_supported": ["plain", "S256"]}),
            None,
        ),
        (
            "plain alone",
            json!({"code_challenge_methods_supported": ["plain"]}),
            Some(Malformed),
        ),
        (
            "no method",
            json!({"code_challenge_methods_supported": []}),
            Some(Malformed),
        ),
        (
            "a method",
            json!({"code_challenge_methods_supported": "S256"}),
            Some(Malformed),
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
        ("HTML", Reply::Is(200, "<html>".into()), Malformed),
        (
            "two issuers",
            Reply::Is(200, r#"{"issuer":"a","issuer":"a"}"#.into()),
            Malformed,
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
