use serde_json::{Value, json};

use crate::support::{Bucket, Event, Function, Issuer, basic};

/// The settings of an issuer with the keys at `keys`.
fn settings<'a>(keys: (&'a str, &'a str)) -> [(&'a str, &'a str); 4] {
    [
        ("ISSUER", Issuer::NAME),
        ("AUDIENCE", "packages"),
        ("REQUIRE", "wheels:read, index:read"),
        keys,
    ]
}

/// Valid claims with one changed.
fn claims(name: &str, value: &Value) -> Value {
    let mut claims = json!({
        "iss": Issuer::NAME, "aud": "packages", "sub": "ana", "exp": 4_102_444_800_u64,
        "scope": "index:read wheels:read more",
    });
    claims[name] = value.clone();
    claims
}

fn bearer(token: &str) -> Event {
    Event::get("/a.whl").with("authorization", &format!("Bearer {token}"))
}

#[tokio::test]
async fn a_token_needs_issuer_audience_and_all_scopes() {
    let bucket = Bucket::start(&[("a.whl", "wheel")]).await;
    let (issuer, stranger) = (Issuer::start().await, Issuer::start().await);
    let environment = bucket.environment(&settings(("JWKSPATH", issuer.url())));
    let mut function = Function::start(&environment).await;
    let (invalid, lacking) = ((401, "invalid_token"), (403, "insufficient_scope"));
    let other_key = stranger.token(&claims("sub", &json!("ana")));
    for (name, claim, value, expected) in [
        ("good", "sub", json!("ana"), None),
        (
            "an array",
            "scope",
            json!(["wheels:read", "index:read"]),
            None,
        ),
        ("expired", "exp", json!(1_000_000_000), Some(invalid)),
        ("no end", "exp", json!(null), Some(invalid)),
        (
            "another issuer",
            "iss",
            json!("https://idp.example"),
            Some(invalid),
        ),
        ("another audience", "aud", json!("package"), Some(invalid)),
        (
            "a longer scope",
            "scope",
            json!("index:read wheels:readonly"),
            Some(lacking),
        ),
        ("one of two", "scope", json!("index:read"), Some(lacking)),
        ("no scope", "scope", json!(""), Some(lacking)),
        ("another key", "", json!(null), Some(invalid)),
    ] {
        let token = if claim.is_empty() {
            other_key.clone()
        } else {
            issuer.token(&claims(claim, &value))
        };
        for authorization in [
            format!("Bearer {token}"),
            format!("bEaReR {token}"),
            basic(&format!("__token__:{token}")),
        ] {
            let event = Event::get("/a.whl").with("authorization", &authorization);
            let answer = function.answer(event.of_function_url()).await;
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            let (status, error) = expected.unwrap_or((200, ""));
            assert_eq!(answer.status(), Some(status), "{name}");
            assert!(challenge.contains(error), "{name}: {challenge}");
            assert_eq!(challenge.is_empty(), status == 200, "{name}: {challenge}");
            assert_eq!(answer.text() == "wheel", status == 200, "{name}");
        }
    }
    assert_eq!(function.kill().await, "", "something was logged");
}

#[tokio::test]
async fn claims_are_required_with_and_without_scopes() {
    let bucket = Bucket::start(&[("a.whl", "wheel")]).await;
    let issuer = Issuer::start().await;
    for (scopes, of_other_scope) in [("", 200), ("wheels:read", 403)] {
        let mut environment = bucket.environment(&settings(("JWKSPATH", issuer.url())));
        environment.push(("REQUIRE", scopes));
        environment.push(("REQUIRED_CLAIMS", "repository=octo/app,ref=refs/tags/*"));
        let mut function = Function::start(&environment).await;
        for (name, claim, value, status) in [
            ("good", "", json!(null), 200),
            ("another", "repository", json!("octo/app2"), 403),
            ("absent", "repository", json!(null), 403),
            ("a branch", "ref", json!("refs/heads/refs/tags/v1"), 403),
            ("another scope", "scope", json!("octo/app"), of_other_scope),
        ] {
            let mut claims = claims(claim, &value);
            for (name, usual) in [("repository", "octo/app"), ("ref", "refs/tags/v1")] {
                if name != claim {
                    claims[name] = json!(usual);
                }
            }
            let event = bearer(&issuer.token(&claims));
            let answer = function.answer(event.of_function_url()).await;
            assert_eq!(answer.status(), Some(status), "{name}, {scopes:?}");
        }
    }
}

#[tokio::test]
async fn users_and_tokens_are_admitted_if_configured() {
    let bucket = Bucket::start(&[("a.whl", "wheel")]).await;
    let issuer = Issuer::start().await;
    let pem = issuer.pem_file();
    let keys = ("SIGNATUREKEYPATH", pem.path().to_str().unwrap());
    let token = issuer.token(&claims("sub", &json!("ana")));
    let user = Event::get("/a.whl").with("authorization", &basic("ci:pa55word"));
    let guess = Event::get("/a.whl").with("authorization", &basic("ci:guess"));
    let as_password = Event::get("/a.whl").with("authorization", &basic(&format!("ci:{token}")));
    for login in ["", "ci:pa55word"] {
        let mut environment = bucket.environment(&settings(keys));
        environment.push(("BASIC_AUTH", login));
        let mut function = Function::start(&environment).await;
        for (name, event, status) in [
            ("a token", &bearer(&token), 200),
            ("a token as a password", &as_password, 200),
            ("the user", &user, if login.is_empty() { 401 } else { 200 }),
            ("a guess", &guess, 401),
            ("nothing", &Event::get("/a.whl"), 401),
        ] {
            let answer = function.answer(event.of_function_url()).await;
            assert_eq!(answer.status(), Some(status), "{name}, {login:?}");
            // Both challenges are in one header, since Lambda takes one.
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            for scheme in ["Bearer realm=", "Basic realm="] {
                let is_there = challenge.contains(scheme);
                assert_eq!(is_there, status == 401, "{name}, {login:?}: {challenge}");
            }
        }
    }
}

#[tokio::test]
async fn without_issuer_keys_the_answer_is_503() {
    let bucket = Bucket::start(&[("a.whl", "wheel")]).await;
    let issuer = Issuer::start().await;
    let nowhere = settings(("JWKSPATH", "http://127.0.0.1:1/jwks"));
    let mut function = Function::start(&bucket.environment(&nowhere)).await;
    let token = issuer.token(&claims("sub", &json!("ana")));
    let answer = function.answer(bearer(&token).of_function_url()).await;
    assert_eq!(answer.status(), Some(503));
    assert_eq!(answer.header("www-authenticate"), None);
    let log = function.kill().await;
    assert!(log.contains("cannot get the keys of the issuer: "), "{log}");
    assert!(!log.contains(&token), "{log}");
}
