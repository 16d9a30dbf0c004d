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

/// What sets the place of the secret.
type Set = fn(Provider) -> Provider;

#[tokio::test]
async fn the_client_authenticates_as_the_metadata_says() {
    // The credentials are those of Python's `urllib.parse.quote_plus` and `base64`.
    let basic = Some("Basic Z2F0ZSUzQTE6cyUyNjElMkIrJTNB");
    let post = "&client_id=gate%3A1&client_secret=s%261%2B+%3A";
    let listed = |methods: &[&str]| json!({"token_endpoint_auth_methods_supported": methods});
    let secret = || Some(Secret::from("s&1+ :"));
    let cases: [(_, _, _, Option<Set>, _, _); 7] = [
        ("no methods listed", json!({}), secret(), None, basic, ""),
        (
            "basic",
            listed(&["client_secret_basic"]),
            secret(),
            None,
            basic,
            "",
        ),
        (
            "post",
            listed(&["client_secret_post"]),
            secret(),
            None,
            None,
            post,
        ),
        (
            "both",
            listed(&["client_secret_post", "client_secret_basic"]),
            secret(),
            None,
            basic,
            "",
        ),
        (
            "set otherwise",
            listed(&["client_secret_basic"]),
            secret(),
            Some(Provider::with_client_secret_post),
            None,
            post,
        ),
        (
            "set to the header",
            listed(&["client_secret_post"]),
            secret(),
            Some(Provider::with_client_secret_basic),
            basic,
            "",
        ),
        (
            "a public client",
            json!({}),
            None,
            None,
            None,
            "&client_id=gate%3A1",
        ),
    ];
    for (name, changes, secret, set, authorization, more) in cases {
        let script = Script::openid(&with(metadata(), &changes));
        let mut provider = Provider::discover(ISSUER, "gate:1", secret).unwrap();
        if let Some(set) = set {
            provider = set(provider);
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
    for (name, changes, is_good) in [
        ("the least", json!({}), true),
        ("Bearer", json!({"token_type": "Bearer"}), true),
        ("in capitals", json!({"token_type": "BEARER"}), true),
        ("bound to a key", json!({"token_type": "DPoP"}), false),
        ("a type in a list", json!({"token_type": ["Bearer"]}), true),
        ("an empty type", json!({"token_type": ""}), true),
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

/// The seconds to the expiry, the refresh token and the scopes of a grant.
async fn optional_members(
    script: &Arc<Script>,
    provider: &Provider,
    changes: &Value,
) -> (Option<u64>, Option<String>, Vec<String>) {
    let least = json!({"access_token": "at-1"});
    script.reply("/token", Reply::ok(&with(least, changes)));
    let grant = provider.redeem(script.redemption()).await.unwrap();
    let expires_at = grant.expires_at;
    let seconds = expires_at.map(|end| end.duration_since(script.now()).unwrap().as_secs());
    let refresh = grant.refresh_token;
    let refresh = refresh.map(|token| token.expose().to_owned());
    (seconds, refresh, grant.scopes)
}

#[tokio::test]
async fn odd_optional_members_count_as_absent() {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let long = "9".repeat(40);
    let script = Script::nothing();
    let provider = script.plain(endpoints());
    for (name, value, expected) in [
        ("a number", json!(3600), Some(3600)),
        ("a fraction of zero", json!(3600.0), Some(3600)),
        ("text", json!("3600"), Some(3600)),
        ("more than a year", json!(u64::MAX), Some(YEAR)),
        ("more than any integer", json!(1e300), Some(YEAR)),
        ("half a second", json!(0.5), None),
        ("a second ago", json!(-1), None),
        ("a second ago, with a fraction", json!(-1.0), None),
        ("too many digits", json!(long), None),
        ("no digits", json!(""), None),
        ("a sign", json!("+1"), None),
        ("null", json!(null), None),
        ("a list", json!([3600]), None),
    ] {
        let changes = json!({"expires_in": value});
        let (found, ..) = optional_members(&script, &provider, &changes).await;
        assert_eq!(found, expected, "expires_in: {name}");
    }
    for (name, value, expected) in [
        ("text", json!("rt-1"), Some("rt-1")),
        ("empty", json!(""), None),
        ("null", json!(null), None),
        ("a number", json!(1), None),
        ("with a line end", json!("rt\n"), None),
    ] {
        let changes = json!({"refresh_token": value, "id_token": ""});
        let (_, found, _) = optional_members(&script, &provider, &changes).await;
        assert_eq!(found.as_deref(), expected, "refresh_token: {name}");
    }
}

#[tokio::test]
async fn granted_scopes_are_read_in_each_form() {
    let script = Script::nothing();
    let plain = script.plain(endpoints());
    let requested = &["read", "write"][..];
    for (name, value, expected) in [
        ("spaces", json!("a  b"), &["a", "b"][..]),
        ("commas", json!("a,b, c"), &["a", "b", "c"]),
        ("a list, as Twitch sends", json!(["a", "b"]), &["a", "b"]),
        ("a list with something else", json!(["a", 1]), &["a"]),
        ("null", json!(null), requested),
        // Nothing that cannot be read counts as granted.
        ("empty", json!(""), &[]),
        ("an empty list", json!([]), &[]),
        ("a number", json!(1), &[]),
    ] {
        let changes = json!({"scope": value});
        let (.., found) = optional_members(&script, &plain, &changes).await;
        assert_eq!(found, expected, "{name}");
    }
    // In a scope of OpenID Connect, a comma is a character like any other (RFC 6749 section 3.3).
    let script = Script::openid(&metadata());
    let tokens = json!({
        "access_token": "at-1", "id_token": script.id_token(&json!({})), "scope": "openid a,b",
    });
    script.reply("/token", Reply::ok(&tokens));
    let grant = script.provider().redeem(script.redemption()).await;
    assert_eq!(grant.unwrap().scopes, ["openid", "a,b"]);
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
