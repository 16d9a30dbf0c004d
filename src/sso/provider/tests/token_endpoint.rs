use std::error::Error as _;

use super::*;

fn text(request: &Request<Bytes>) -> &str {
    std::str::from_utf8(request.body()).unwrap()
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

const FORM: &str = "grant_type=authorization_code&code=a+code\
                    &redirect_uri=https%3A%2F%2Ffiles.example%2Foauth2%2Fcallback\
                    &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[tokio::test]
async fn the_client_authenticates_as_the_metadata_says() {
    // The credentials are those of Python's `urllib.parse.quote_plus` and `base64`.
    let basic = Some("Basic Z2F0ZSUzQTE6cyUyNjElMkIrJTNB");
    let post = "&client_id=gate%3A1&client_secret=s%261%2B+%3A";
    let listed = |methods: &[&str]| json!({"token_endpoint_auth_methods_supported": methods});
    let secret = || Some(Secret::from("s&1+ :"));
    for (name, changes, secret, in_form, authorization, more) in [
        ("no methods listed", json!({}), secret(), false, basic, ""),
        (
            "basic",
            listed(&["client_secret_basic"]),
            secret(),
            false,
            basic,
            "",
        ),
        (
            "post",
            listed(&["client_secret_post"]),
            secret(),
            false,
            None,
            post,
        ),
        (
            "both",
            listed(&["client_secret_post", "client_secret_basic"]),
            secret(),
            false,
            basic,
            "",
        ),
        (
            "set otherwise",
            listed(&["client_secret_basic"]),
            secret(),
            true,
            None,
            post,
        ),
        (
            "a public client",
            json!({}),
            None,
            false,
            None,
            "&client_id=gate%3A1",
        ),
    ] {
        let script = Script::openid(&with(metadata(), &changes));
        let mut provider = Provider::discover(ISSUER, "gate:1", secret).unwrap();
        if in_form {
            provider = provider.with_client_secret_post();
        }
        let provider = script.connected(provider);
        // There is no token endpoint, so this is the end.
        provider.redeem(script.redemption()).await.unwrap_err();
        let asked = script.asked();
        let request = asked.last().unwrap();
        assert_eq!(request.method(), "POST", "{name}");
        assert_eq!(request.uri(), "https://id.example/token", "{name}");
        let kind = header(request, "content-type");
        assert_eq!(kind, Some("application/x-www-form-urlencoded"), "{name}");
        assert_eq!(
            header(request, "accept"),
            Some("application/json"),
            "{name}"
        );
        let agent = header(request, "user-agent").unwrap();
        assert!(agent.starts_with("portcullis/"), "{name}");
        assert_eq!(header(request, "authorization"), authorization, "{name}");
        let sensitive = request.headers().get("authorization");
        assert!(
            sensitive.is_none_or(http::HeaderValue::is_sensitive),
            "{name}"
        );
        assert_eq!(text(request), format!("{FORM}{more}"), "{name}");
    }
}

#[tokio::test]
async fn only_a_valid_answer_yields_tokens() {
    let good = json!({"access_token": "at.1~-_+/="});
    let long = "9".repeat(40);
    for (name, changes, is_good) in [
        ("the least", json!({}), true),
        ("Bearer", json!({"token_type": "Bearer"}), true),
        ("in capitals", json!({"token_type": "BEARER"}), true),
        ("bound to a key", json!({"token_type": "DPoP"}), false),
        ("a type in a list", json!({"token_type": ["Bearer"]}), false),
        ("no type", json!({"token_type": null}), true),
        ("no access token", json!({"access_token": null}), false),
        ("an empty one", json!({"access_token": ""}), false),
        ("one with a space", json!({"access_token": "a b"}), false),
        (
            "one with a line end",
            json!({"access_token": "a\nb"}),
            false,
        ),
        ("one beyond ASCII", json!({"access_token": "ä"}), false),
        ("a number", json!({"access_token": 1}), false),
        ("seconds", json!({"expires_in": 3600}), true),
        ("seconds in text", json!({"expires_in": "3600"}), true),
        (
            "a year in seconds and more",
            json!({"expires_in": u64::MAX}),
            true,
        ),
        ("half a second", json!({"expires_in": 0.5}), false),
        ("a second ago", json!({"expires_in": -1}), false),
        ("too many digits", json!({"expires_in": long}), false),
        ("no digits", json!({"expires_in": ""}), false),
        ("a sign", json!({"expires_in": "+1"}), false),
        ("a refresh token", json!({"refresh_token": "rt"}), true),
        (
            "an empty refresh token",
            json!({"refresh_token": ""}),
            false,
        ),
        ("scopes", json!({"scope": "read"}), true),
        ("scopes in a list", json!({"scope": ["read"]}), false),
        ("an unknown error", json!({"x": {"y": [1]}}), true),
    ] {
        let script = Script::nothing();
        script.reply(
            "/token",
            Reply::Is(200, with(good.clone(), &changes).to_string()),
        );
        let found = script.plain(endpoints()).redeem(script.redemption()).await;
        let expected = (!is_good).then_some(ProviderErrorKind::Malformed);
        assert_eq!(kind(found), expected, "{name}");
    }
    for (name, reply) in [
        (
            "null",
            Reply::Is(200, r#"{"access_token":"a","refresh_token":null}"#.into()),
        ),
        (
            "white space",
            Reply::Is(200, " {\"access_token\":\"a\"}\n".into()),
        ),
    ] {
        let script = Script::nothing();
        script.reply("/token", reply);
        let found = script.plain(endpoints()).redeem(script.redemption()).await;
        assert!(found.is_ok(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_have_distinct_kinds() {
    use ProviderErrorKind::{InvalidGrant, Malformed, Status, Unreachable};
    let error = |status, error: &str| Reply::Is(status, json!({"error": error}).to_string());
    let status = |status| Status(StatusCode::from_u16(status).unwrap());
    let good = r#"{"access_token":"s3cret"}"#;
    for (name, reply, expected) in [
        ("a spent code", error(400, "invalid_grant"), InvalidGrant),
        (
            "a spent code, as some say it",
            error(403, "invalid_grant"),
            InvalidGrant,
        ),
        ("at fault itself", error(500, "invalid_grant"), status(500)),
        (
            "an unknown client",
            error(401, "invalid_client"),
            status(401),
        ),
        (
            "a spent code in GitHub's words",
            error(200, "bad_verification_code"),
            InvalidGrant,
        ),
        (
            "a spent refresh token in GitHub's words",
            error(200, "bad_refresh_token"),
            InvalidGrant,
        ),
        ("another error with 200", error(200, "s3cret"), Malformed),
        ("another error", error(400, "s3cret"), status(400)),
        ("no error", Reply::Is(403, good.into()), status(403)),
        ("out of order", Reply::Is(503, good.into()), status(503)),
        ("created", Reply::Is(201, good.into()), status(201)),
        ("a redirect", Reply::Is(307, good.into()), status(307)),
        ("HTML", Reply::Is(200, "<html>s3cret".into()), Malformed),
        ("a list", Reply::Is(200, format!("[{good}]")), Malformed),
        (
            "two tokens",
            Reply::Is(
                200,
                r#"{"access_token":"a","access_token":"s3cret"}"#.into(),
            ),
            Malformed,
        ),
        ("compressed", Reply::Compressed(good.into()), Malformed),
        (
            "too long",
            Reply::Is(200, " ".repeat(256 * 1024 + 1)),
            Unreachable,
        ),
        ("no server", Reply::Breaks, Unreachable),
        ("no answer", Reply::Hangs, Unreachable),
    ] {
        let script = Script::nothing();
        script.reply("/token", reply);
        let found = script.plain(endpoints()).redeem(script.redemption()).await;
        let error = found.unwrap_err();
        assert_eq!(error.kind(), expected, "{name}");
        let said = format!("{error} {error:?} {:?}", error.source());
        assert!(
            !said.contains("s3cret") && !said.contains("a code"),
            "{name}: {said}"
        );
        assert_eq!(script.paths(), ["/token"], "{name}");
    }
}

#[tokio::test]
async fn an_error_keeps_its_status() {
    for (status, body, expected) in [
        (
            400,
            r#"{"error":"invalid_grant"}"#,
            "the token endpoint answered invalid_grant (400)",
        ),
        (
            401,
            r#"{"error":"invalid_client"}"#,
            "the token endpoint answered invalid_client (401)",
        ),
        (502, "", "the token endpoint did not answer 200 (502)"),
    ] {
        let script = Script::nothing();
        script.reply("/token", Reply::Is(status, body.into()));
        let found = script.plain(endpoints()).redeem(script.redemption()).await;
        let error = found.unwrap_err();
        assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
        assert_eq!(error.to_string(), expected);
    }
}
