use super::*;
use crate::error::ConfigError;

fn request() -> AuthorizationRequest<'static> {
    AuthorizationRequest {
        state: "st-ate_1",
        redirect_uri: CALLBACK,
        verifier: VERIFIER,
        nonce: NONCE,
    }
}

#[tokio::test]
async fn an_authorization_request_is_complete() {
    let script = Script::openid(&metadata());
    let url = script
        .provider()
        .authorization_url(&request())
        .await
        .unwrap();
    // The challenge is that of RFC 7636 appendix B.
    assert_eq!(
        url,
        "https://id.example/authorize?scope=openid%20email%20profile&state=st-ate_1\
         &redirect_uri=https%3A%2F%2Ffiles.example%2Foauth2%2Fcallback&response_type=code\
         &client_id=gateway&nonce=n-0S6_WzA2Mj\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
}

#[tokio::test]
async fn additional_parameters_follow_the_protocols_own() {
    let provider = Script::openid(&metadata()).provider();
    let plain = provider.authorization_url(&request()).await.unwrap();
    let more = [
        ("prompt", "select_account"),
        ("audience", "https://api.example/?a&b"),
    ];
    let provider = provider.with_authorization_parameters(more).unwrap();
    let url = provider.authorization_url(&request()).await.unwrap();
    let expected = "&prompt=select_account&audience=https%3A%2F%2Fapi.example%2F%3Fa%26b";
    assert_eq!(url, format!("{plain}{expected}"));
    for (name, value, problem) in [
        ("domain_hint", "example.com", None),
        ("acr_values", "", None),
        (
            "state",
            "x",
            Some(r#""state" is set by the sign-in itself"#),
        ),
        (
            "request",
            "x",
            Some(r#""request" is set by the sign-in itself"#),
        ),
        ("prompt", "none", Some(r#""prompt" is given twice"#)),
        ("", "x", Some(r#""" must be visible ASCII and not empty"#)),
        (
            "a b",
            "x",
            Some(r#""a b" must be visible ASCII and not empty"#),
        ),
        (
            "hint",
            "a\nb",
            Some(r#"the value of "hint" has a control character"#),
        ),
    ] {
        let built = provider
            .clone()
            .with_authorization_parameters([(name, value)]);
        let error = built.err();
        assert_eq!(error.as_ref().map(ConfigError::problem), problem, "{name}");
    }
}

#[tokio::test]
async fn a_plain_provider_gets_no_nonce() {
    let rest = "state=st-ate_1&redirect_uri=https%3A%2F%2Ffiles.example%2Foauth2%2Fcallback\
                &response_type=code&client_id=a%20%2B%26c\
                &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
                &code_challenge_method=S256";
    for (name, authorize, scopes, expected) in [
        (
            "no scope",
            "https://id.example/a/",
            &[][..],
            "https://id.example/a/?",
        ),
        (
            "scopes",
            "https://id.example/a/",
            &["read", "write"],
            "https://id.example/a/?scope=read%20write&",
        ),
        (
            "a query",
            "https://id.example/a?tenant=x%2By",
            &["read"],
            "https://id.example/a?tenant=x%2By&scope=read&",
        ),
    ] {
        let endpoints = Endpoints::new(authorize, "https://id.example/token").unwrap();
        let provider = Provider::oauth2(endpoints, "a +&c", None::<Secret>).unwrap();
        let provider = provider.with_scopes(scopes.iter().copied()).unwrap();
        let url = provider.authorization_url(&request()).await.unwrap();
        assert_eq!(url, format!("{expected}{rest}"), "{name}");
    }
}

#[tokio::test]
async fn a_callback_must_be_of_the_issuer() {
    let promised = json!({"authorization_response_iss_parameter_supported": true});
    let refused = Some(ProviderErrorKind::Issuer);
    for (name, changes, iss, expected) in [
        ("the issuer", json!({}), Some(ISSUER), None),
        ("none", json!({}), None, None),
        ("another", json!({}), Some("https://evil.example"), refused),
        (
            "a slash more",
            json!({}),
            Some("https://id.example/"),
            refused,
        ),
        ("an empty one", json!({}), Some(""), refused),
        ("as promised", promised.clone(), Some(ISSUER), None),
        ("none, though promised", promised, None, refused),
        (
            "none, and a promise in text",
            json!({"authorization_response_iss_parameter_supported": "true"}),
            None,
            None,
        ),
    ] {
        let provider = Script::openid(&with(metadata(), &changes)).provider();
        assert_eq!(kind(provider.check_issuer(iss).await), expected, "{name}");
    }
    let provider = Script::openid(&metadata()).provider();
    let error = provider.check_issuer(Some("https://id.example/")).await;
    assert_eq!(
        std::error::Error::source(&error.unwrap_err())
            .unwrap()
            .to_string(),
        r#"the callback's iss is "https://id.example/", expected "https://id.example""#
    );
    let plain = Script::nothing().plain(endpoints());
    assert!(
        plain
            .check_issuer(Some("https://any.example"))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_end_session_url_comes_from_metadata() {
    let at = json!({"end_session_endpoint": "https://id.example/out?x=1"});
    let provider = Script::openid(&with(metadata(), &at)).provider();
    let whole = provider
        .end_session_url(Some("a.b.c"), Some("https://files.example/"))
        .await;
    assert_eq!(
        whole.as_deref(),
        Some(
            "https://id.example/out?x=1&id_token_hint=a.b.c&client_id=gateway\
             &post_logout_redirect_uri=https%3A%2F%2Ffiles.example%2F"
        )
    );
    let least = provider.end_session_url(None, None).await;
    assert_eq!(
        least.as_deref(),
        Some("https://id.example/out?x=1&client_id=gateway")
    );
    for provider in [
        Script::openid(&metadata()).provider(),
        Script::nothing().provider(),
        Script::nothing().plain(endpoints()),
    ] {
        assert_eq!(provider.end_session_url(Some("a.b.c"), None).await, None);
    }
}
