//! The provider's answers to a code, and their outcomes.

use http::StatusCode;
use portcullis::gate::RefusalKind;
use portcullis::sso::PageKind;
use serde_json::{Value, json};

use super::callback::{about_to_come_back, coming_back};
use super::{Fixture, ask, reason};
use crate::support::fake_provider::Answer;

/// The page and the log line of a failed sign-in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    SignedIn,
    /// Trying again may help.
    Unavailable,
    Failed,
}

/// Sends the callback once, and again after the provider is back to normal.
async fn assert_ends(name: &str, fixture: &Fixture, end: End) {
    for layer in [fixture.layer(), fixture.stored_layer()] {
        let (browser, url) = about_to_come_back(fixture, &layer).await;
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        let (status, kind) = match end {
            End::SignedIn => (302, RefusalKind::Missing),
            End::Unavailable => (503, RefusalKind::Unavailable),
            End::Failed => (403, RefusalKind::Forbidden),
        };
        assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.body);
        let lines = answer.all("set-cookie");
        if end == End::SignedIn {
            assert_eq!(lines.len(), 1, "{name}");
            continue;
        }
        assert_eq!(reason(&answer).0, kind, "{name}");
        let why = reason(&answer).1;
        assert!(
            why.starts_with("the provider") && why.contains(": "),
            "{name}: {why}"
        );
        let retry_after = (end == End::Unavailable).then_some("5");
        assert_eq!(answer.header("retry-after"), retry_after, "{name}");
        assert!(
            answer.body.contains("href=\"/a?b\""),
            "{name}: {}",
            answer.body
        );
        // The sign-in is spent, and there is no session.
        assert!(lines.is_empty(), "{name}: {lines:?}");
        let again = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!(again.status, 403, "{name}");
        assert!(fixture.store.keys().is_empty(), "{name}");
        assert_eq!(answer.header("location"), None, "{name}");
    }
}

#[tokio::test]
async fn token_endpoint_errors_are_told_from_refusals() {
    let json = |status: u16, body: &Value| {
        let mut response = http::Response::new(body.to_string().into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Answer::Is(response)
    };
    let invalid_grant = json!({"error": "invalid_grant"});
    let invalid_client = json!({"error": "invalid_client"});
    for (name, answer, end) in [
        ("as it should be", None, End::SignedIn),
        ("down", Some(Answer::Breaks), End::Unavailable),
        ("500", Some(Answer::status(500)), End::Unavailable),
        ("502", Some(Answer::status(502)), End::Unavailable),
        ("429", Some(Answer::status(429)), End::Unavailable),
        (
            "a redirect",
            Some(Answer::redirect(302, "https://id.example/x")),
            End::Unavailable,
        ),
        ("no JSON", Some(Answer::ok("<html>")), End::Failed),
        (
            "JSON cut short",
            Some(Answer::ok(r#"{"access_token": "x""#)),
            End::Failed,
        ),
        ("an empty object", Some(Answer::ok("{}")), End::Failed),
        ("nothing", Some(Answer::ok("")), End::Failed),
        ("a spent code", Some(json(400, &invalid_grant)), End::Failed),
        (
            "an unknown client",
            Some(json(401, &invalid_client)),
            End::Failed,
        ),
        ("401", Some(Answer::status(401)), End::Failed),
        ("403", Some(Answer::status(403)), End::Failed),
    ] {
        let fixture = Fixture::new();
        if let Some(answer) = answer {
            fixture.provider.publish("/token", answer);
        }
        assert_ends(name, &fixture, end).await;
    }
}

#[tokio::test]
async fn a_bad_id_token_signs_nobody_in() {
    let now = 1_000_000_000;
    for (name, changes, end) in [
        ("as it should be", json!({}), End::SignedIn),
        (
            "another nonce",
            json!({"nonce": "AAAAAAAAAAAAAAAAAAAAAA"}),
            End::Failed,
        ),
        ("no nonce", json!({"nonce": null}), End::Failed),
        (
            "another issuer",
            json!({"iss": "https://evil.example"}),
            End::Failed,
        ),
        ("another audience", json!({"aud": "another"}), End::Failed),
        (
            "expired",
            json!({"exp": now - 3600, "iat": now - 7200}),
            End::Failed,
        ),
        ("no subject", json!({"sub": null}), End::Failed),
        (
            "another token's hash",
            json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
            End::Failed,
        ),
    ] {
        let fixture = Fixture::new();
        fixture.provider.switches().id_token = changes;
        assert_ends(name, &fixture, end).await;
    }
    let fixture = Fixture::new();
    fixture.provider.switches().tamper = Some(Box::new(|token| {
        let (signed, _) = token.rsplit_once('.').unwrap();
        format!("{signed}.AAAA")
    }));
    assert_ends("another signature", &fixture, End::Failed).await;
}

#[tokio::test]
async fn a_page_knows_the_provider_status() {
    for status in [401, 403] {
        let fixture = Fixture::oauth2();
        fixture
            .provider
            .publish("/o/token/", Answer::status(status));
        let layer = fixture.layer().with_pages(|page, response| {
            assert_eq!(page.kind(), PageKind::Failed);
            assert_eq!(page.return_to(), Some("/a?b"));
            let mut response = response.map(|_| bytes::Bytes::new());
            *response.status_mut() = page.provider_status().unwrap();
            response
        });
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (status, ""));
        // Whatever the closure returns.
        assert_eq!(reason(&answer).0, RefusalKind::Forbidden);
        assert!(answer.all("set-cookie").is_empty());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_plain_oauth2_server_signs_people_in_too() {
    let fixture = Fixture::oauth2();
    let mut browser = fixture.browser(fixture.layer());
    let visit = browser.open("/a?b").await;
    assert_eq!(visit.url(), "https://files.example.com/a?b");
    assert_eq!(visit.answer.unwrap().body, "u-1 /a?b");
    let forms = fixture.provider.asked();
    let form = &forms
        .iter()
        .find(|asked| asked.path == "/o/token/")
        .unwrap()
        .form;
    let names = form_urlencoded::parse(form.as_bytes()).map(|(name, _)| name.into_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    let expected = [
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "grant_type",
        "redirect_uri",
    ];
    assert_eq!(names, expected);
}
