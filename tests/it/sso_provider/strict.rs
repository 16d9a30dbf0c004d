//! The tests' provider refuses what a real one refuses. Otherwise a gateway that sends it would pass.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request};
use portcullis::upstream::FetchClient;
use serde_json::{Value, json};

use crate::support::clock::StandingClock;
use crate::support::fake_sso::{CALLBACK, CLIENT, CLIENT_SECRET, ClientAuth, FakeSso};

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(pairs).finish()
}

/// The parameters of an authorization request with these changes. An empty value removes a parameter.
fn location(sso: &FakeSso, changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("scope", "openid email"),
        ("state", "state"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("nonce", "a-nonce-of-22-characters"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, value));
    }
    pairs.retain(|(_, value)| !value.is_empty());
    format!("{}/authorize?{}", sso.issuer(), encoded(&pairs))
}

/// The code of a callback.
fn code(sso: &FakeSso) -> String {
    let callback = sso.authorize(&location(sso, &[]));
    let (_, query) = callback.split_once('?').unwrap();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, code) = pairs.find(|(name, _)| name == "code").unwrap();
    code.into_owned()
}

async fn post(sso: &FakeSso, form: &[(&str, &str)]) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("content-type", "application/x-www-form-urlencoded"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let url = format!("{}/token", sso.issuer());
    let mut request = Request::post(url).body(Bytes::from(encoded(form))).unwrap();
    *request.headers_mut() = headers;
    let answer = sso.fetch(request, usize::MAX).await.unwrap();
    let body = serde_json::from_slice(answer.body()).unwrap();
    (answer.status().as_u16(), body)
}

/// A client that sends its secret in the form.
fn provider() -> Arc<FakeSso> {
    let sso = FakeSso::openid(StandingClock::at(1_700_000_000));
    sso.switches().client_auth = ClientAuth::Post;
    sso
}

fn redemption<'a>(code: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", CLIENT),
        ("client_secret", CLIENT_SECRET),
    ];
    for (name, value) in changes {
        form.retain(|(own, _)| own != name);
        form.push((name, value));
    }
    form.retain(|(_, value)| !value.is_empty());
    form
}

#[test]
fn an_incomplete_authorization_request_is_refused() {
    let sso = provider();
    for (name, changes, is_good) in [
        ("as it should be", &[][..], true),
        ("another client", &[("client_id", "other")], false),
        (
            "another callback",
            &[("redirect_uri", "https://evil.example/")],
            false,
        ),
        (
            "a callback of the same origin",
            &[("redirect_uri", "https://files.example.com/")],
            false,
        ),
        ("a token at once", &[("response_type", "token")], false),
        ("no state", &[("state", "")], false),
        ("no scope", &[("scope", "")], false),
        ("not openid", &[("scope", "email")], false),
        ("an unknown scope", &[("scope", "openid admin")], false),
        ("a short nonce", &[("nonce", "1")], false),
        ("no challenge", &[("code_challenge", "")], false),
        (
            "a plain challenge",
            &[("code_challenge_method", "plain")],
            false,
        ),
        ("no method", &[("code_challenge_method", "")], false),
        ("more than it knows", &[("prompt", "none")], false),
    ] {
        let location = location(&sso, changes);
        let sent_on =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sso.authorize(&location)));
        assert_eq!(sent_on.is_ok(), is_good, "{name}");
    }
}

#[tokio::test]
async fn a_code_is_redeemed_for_its_client() {
    for (name, changes, expected) in [
        ("as it should be", &[][..], 200),
        (
            "another verifier",
            &[("code_verifier", &*VERIFIER.replace('d', "e"))],
            400,
        ),
        ("the challenge", &[("code_verifier", CHALLENGE)], 400),
        ("no verifier", &[("code_verifier", "")], 400),
        (
            "another callback",
            &[("redirect_uri", "https://files.example.com/")],
            400,
        ),
        ("another code", &[("code", "other")], 400),
        ("another secret", &[("client_secret", "other")], 401),
        ("no secret", &[("client_secret", "")], 401),
        ("another client", &[("client_id", "other")], 401),
        ("more than it knows", &[("scope", "openid")], 400),
    ] {
        let sso = provider();
        let code = code(&sso);
        let (status, _) = post(&sso, &redemption(&code, changes)).await;
        assert_eq!(status, expected, "{name}");
    }
    // The other cases send the form in the body.
    for way in [ClientAuth::Basic, ClientAuth::None] {
        let sso = provider();
        sso.switches().client_auth = way;
        let code = code(&sso);
        assert_eq!(post(&sso, &redemption(&code, &[])).await.0, 401, "{way:?}");
    }
}

#[tokio::test]
async fn a_repeated_code_or_token_revokes_all() {
    let sso = provider();
    let again = |token: &str| {
        [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token.to_owned()),
            ("client_id", CLIENT.to_owned()),
            ("client_secret", CLIENT_SECRET.to_owned()),
        ]
    };
    let refresh = async |token: &Value| {
        let form = again(token.as_str().unwrap());
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, &**value)).collect();
        post(&sso, &form).await
    };
    let denied = (400, json!({"error": "invalid_grant"}));

    let code = code(&sso);
    let (status, first) = post(&sso, &redemption(&code, &[])).await;
    assert_eq!(status, 200);
    let (status, second) = refresh(&first["refresh_token"]).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(refresh(&first["refresh_token"]).await, denied);
    assert_eq!(refresh(&second["refresh_token"]).await, denied);

    let code = self::code(&sso);
    let (_, first) = post(&sso, &redemption(&code, &[])).await;
    assert_eq!(post(&sso, &redemption(&code, &[])).await, denied);
    assert_eq!(refresh(&first["refresh_token"]).await, denied);
}
