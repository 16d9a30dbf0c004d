//! Signing out.

use portcullis::SsoLayer;
use portcullis::gate::RefusalKind;
use portcullis::session::SessionStoreErrorKind;
use portcullis::sso::SignInNote;
use serde_json::json;

use super::{Fixture, NAVIGATION, ORIGIN, ask, reason};
use crate::support::browser::Browser;
use crate::support::memory_sessions::Mood;
use crate::support::{Answer, fake_provider, get};

const LOGOUT: &str = "/oauth2/logout";
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

async fn signed_in(fixture: &Fixture, layer: &SsoLayer) -> Browser {
    let mut browser = fixture.browser(layer.clone());
    assert_eq!(browser.open("/").await.status(), 200);
    browser
}

async fn with_cookies(layer: &SsoLayer, cookies: &str) -> Answer {
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookies));
    ask(layer, get("/x", &headers)).await
}

fn is_own_answer(answer: &Answer) -> bool {
    answer.header("cache-control") == Some("no-store") && answer.header("referrer-policy").is_some()
}

#[tokio::test]
async fn signing_out_redirects_to_the_provider() {
    let fixture = Fixture::new();
    let back = format!("{ORIGIN}{LOGOUT}");
    fixture
        .provider
        .switches()
        .post_logout_redirect_uris
        .push(back.clone());
    let sealed = fixture.layer().with_post_logout_redirect();
    let stored = sealed.clone().with_session_store(fixture.store.clone());
    for (name, layer) in [("sealed", sealed), ("stored", stored)] {
        let mut browser = signed_in(&fixture, &layer).await;
        // A pending sign-in of another tab.
        let mut other = browser.fresh();
        other.open_up_to_the_callback("/y").await;
        let copy = browser.cookie_header();
        let cookies = format!("{copy}; {}", other.cookie_header());

        let headers = [SAME, ("cookie", &cookies)];
        let answer = browser.send("POST", LOGOUT, &headers).await;
        assert_eq!(answer.status, 303, "{name}");
        assert!(is_own_answer(&answer), "{name}");
        let mut removed: Vec<_> = answer.all("set-cookie");
        removed.sort_unstable();
        assert_eq!(removed.len(), 2, "{name}: {removed:?}");
        assert!(removed[0].starts_with("__Host-portcullis-login="), "{name}");
        assert!(removed[1].starts_with("__Host-portcullis=; "), "{name}");
        assert!(
            removed.iter().all(|line| line.contains("; Max-Age=0; ")),
            "{name}"
        );
        assert_eq!(browser.cookie_header(), "", "{name}");

        // The provider accepts the hint, and the way back ends at a page that confirms the sign-out.
        let location = answer.header("location").unwrap();
        assert!(location.contains("id_token_hint="), "{name}");
        assert_eq!(
            fixture.provider.sign_out(location),
            Some(back.clone()),
            "{name}"
        );
        let visit = browser.open(LOGOUT).await;
        assert_eq!(visit.status(), 200, "{name}");
        assert!(!visit.answer.unwrap().body.contains("<form"), "{name}");

        // A sealed cookie stays valid in every copy; a session in a store is gone.
        let status = if name == "stored" { 302 } else { 200 };
        assert_eq!(
            with_cookies(&layer, &copy).await.status.as_u16(),
            status,
            "{name}"
        );
    }
    let keys = fixture.store.keys();
    assert!(
        !keys.iter().any(|key| key.starts_with("session/")),
        "{keys:?}"
    );
}

#[tokio::test]
async fn another_site_signs_nobody_out() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let browser = signed_in(&fixture, &layer).await;
    let cookies = browser.cookie_header();
    for (name, method, headers, status) in [
        (
            "another site",
            "POST",
            &[("sec-fetch-site", "cross-site")][..],
            403,
        ),
        (
            "another host of the site",
            "POST",
            &[("sec-fetch-site", "same-site")],
            403,
        ),
        ("neither field", "POST", &[], 403),
        (
            "another origin",
            "POST",
            &[("origin", "https://evil.example")],
            403,
        ),
        (
            "the site without TLS",
            "POST",
            &[("origin", "http://files.example.com")],
            403,
        ),
        (
            "another port",
            "POST",
            &[("origin", "https://files.example.com:8443")],
            403,
        ),
        ("a null origin", "POST", &[("origin", "null")], 403),
        ("a link", "GET", &[("sec-fetch-site", "cross-site")], 200),
        ("a head", "HEAD", &[], 200),
        ("another method", "DELETE", &[SAME], 405),
    ] {
        let mut copy = browser.fresh();
        let mut headers = headers.to_vec();
        headers.push(("cookie", &cookies));
        let answer = copy.send(method, LOGOUT, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert!(answer.all("set-cookie").is_empty(), "{name}");
        let allow = (status == 405).then_some("GET, HEAD, POST");
        assert_eq!(answer.header("allow"), allow, "{name}");
        if status == 403 {
            assert_eq!(reason(&answer).0, RefusalKind::Forbidden, "{name}");
        }
        assert_eq!(with_cookies(&layer, &cookies).await.status, 200, "{name}");
    }
    for (name, headers) in [
        ("a page of the same origin", [SAME]),
        ("by http, with Origin only", [("origin", ORIGIN)]),
    ] {
        let browser = signed_in(&fixture, &layer).await;
        let cookies = browser.cookie_header();
        let mut copy = browser.fresh();
        let mut headers = headers.to_vec();
        headers.push(("cookie", &cookies));
        assert_eq!(
            copy.send("POST", LOGOUT, &headers).await.status,
            303,
            "{name}"
        );
        assert_eq!(with_cookies(&layer, &cookies).await.status, 302, "{name}");
    }
}

#[tokio::test]
async fn the_logout_page_has_a_working_button() {
    let fixture = Fixture::new();
    let mut browser = signed_in(&fixture, &fixture.layer()).await;
    let answer = browser.open(LOGOUT).await.answer.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("method=\"post\""), "{}", answer.body);
    assert!(
        answer.body.contains("action=\"/oauth2/logout\""),
        "{}",
        answer.body
    );
    // Otherwise the browser would send `Origin: null` with it.
    assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.contains("form-action 'self' https://id.example"),
        "{policy}"
    );
    assert_eq!(
        browser.open("/x").await.status(),
        200,
        "nothing has happened yet"
    );
}

#[tokio::test]
async fn signing_out_needs_no_session() {
    let fixture = Fixture::new();
    for (name, layer) in [
        ("sealed", fixture.layer()),
        ("stored", fixture.stored_layer()),
    ] {
        for (cookies, cleared) in [("", 0), ("__Host-portcullis=AAAA", 1)] {
            let mut browser = fixture.browser(layer.clone());
            let answer = browser
                .send("POST", LOGOUT, &[SAME, ("cookie", cookies)])
                .await;
            assert_eq!(answer.status, 303, "{name} {cookies}");
            let location = answer.header("location").unwrap();
            assert!(!location.contains("hint"), "{name} {cookies}");
            // Many providers show an error for an unknown redirect URI.
            assert!(!location.contains("redirect"), "{name} {cookies}");
            assert_eq!(answer.all("set-cookie").len(), cleared, "{name} {cookies}");
        }
    }
    assert!(fixture.store.asked().is_empty());
}

#[tokio::test]
async fn a_provider_without_logout_leaves_a_page() {
    for (name, fixture) in [
        ("none is advertised", {
            let fixture = Fixture::new();
            fixture.provider.switches().metadata["end_session_endpoint"] = serde_json::Value::Null;
            fixture
        }),
        ("plain OAuth 2.0", Fixture::oauth2()),
    ] {
        let mut browser = signed_in(&fixture, &fixture.layer()).await;
        let answer = browser.send("POST", LOGOUT, &[SAME]).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.header("location"), None, "{name}");
        assert!(is_own_answer(&answer), "{name}");
        assert!(browser.cookies().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn signing_out_works_without_the_provider() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let browser = signed_in(&fixture, &layer).await;
    let cookies = browser.cookie_header();
    fixture.provider.publish(
        "/.well-known/openid-configuration",
        fake_provider::Answer::Breaks,
    );
    // Another gateway, which has no metadata yet.
    let mut elsewhere = fixture.browser(fixture.stored_layer());
    let answer = elsewhere
        .send("POST", LOGOUT, &[SAME, ("cookie", &cookies)])
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.all("set-cookie").len(), 1);
    fixture.provider.mend();
    assert_eq!(with_cookies(&layer, &cookies).await.status, 302);
}

#[tokio::test]
async fn signing_out_reports_a_failing_store() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let mut browser = signed_in(&fixture, &layer).await;
    fixture
        .store
        .be(Mood::Fails(SessionStoreErrorKind::Unreachable));
    let answer = browser.send("POST", LOGOUT, &[SAME]).await;
    assert_eq!(answer.status, 503);
    assert_eq!(reason(&answer).0, RefusalKind::Unavailable);
    assert!(browser.cookies().is_empty());
}

#[tokio::test]
async fn an_unusable_end_session_endpoint_is_noted() {
    for (url, status, is_noted) in [
        (json!("https://id.example/out"), 303, false),
        (json!("http://id.example/out"), 200, true),
        (json!(""), 200, false),
        (json!(null), 200, false),
    ] {
        let fixture = Fixture::new();
        fixture.provider.switches().metadata = json!({ "end_session_endpoint": url });
        let mut browser = signed_in(&fixture, &fixture.layer()).await;
        let answer = browser.send("POST", LOGOUT, &[SAME]).await;
        assert_eq!(answer.status, status, "{url}");
        let note = answer.extensions.get::<SignInNote>();
        let expected = "the end_session_endpoint in the provider's metadata is not a URL that may be used, and \
                        is ignored";
        let expected = is_noted.then(|| expected.to_owned());
        assert_eq!(note.map(ToString::to_string), expected, "{url}");
    }
}
