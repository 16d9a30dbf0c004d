//! Callbacks: what a browser comes back with, and the answer to it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use portcullis::SsoLayer;
use portcullis::gate::RefusalKind;
use portcullis::session::CookieKeys;
use portcullis::sso::provider::Provider;
use portcullis::sso::{AllowList, PublicUrl};
use serde_json::json;

use super::{Fixture, NAVIGATION, ORIGIN, ask, reason};
use crate::support::browser::Browser;
use crate::support::{Answer, get};

pub(super) const TRY_AGAIN: &str = "Please try the original link again";

/// A browser at the provider, and the callback URL that it will open.
pub(super) async fn about_to_come_back(fixture: &Fixture, layer: &SsoLayer) -> (Browser, String) {
    let mut browser = fixture.browser(layer.clone());
    let url = browser.open_up_to_the_callback("/a?b").await;
    fixture.provider.asked();
    (browser, url)
}

pub(super) fn coming_back(url: &str, cookies: &str) -> Request<Body> {
    let target = url.strip_prefix(ORIGIN).expect(url);
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookies));
    get(target, &headers)
}

/// Asserts that nobody has signed in and no token was requested.
pub(super) fn assert_no_session(name: &str, fixture: &Fixture, answer: &Answer) {
    let asked = fixture.provider.asked_paths();
    assert!(
        !asked.iter().any(|path| path == "/token"),
        "{name}: {asked:?}"
    );
    for line in answer.all("set-cookie") {
        assert!(line.contains("Max-Age=0"), "{name}: {line}");
    }
    assert_eq!(answer.header("location"), None, "{name}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
    assert_eq!(
        answer.header("referrer-policy"),
        Some("no-referrer"),
        "{name}"
    );
}

#[tokio::test]
async fn a_foreign_state_is_refused_without_a_request() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let cookies = browser.cookie_header();
    let state = parameter(&url, "state");
    let other_layers = [
        (
            "of another name",
            layer.clone().with_cookie_name("other").unwrap(),
        ),
        ("of other keys", with_keys(&fixture, CookieKeys::random())),
        ("of another client", of_another_client(&fixture)),
    ];
    let mut rows = vec![
        ("made up", url.replace(&state, "state=x")),
        (
            "the nonce of the original",
            url.replace(&state, &format!("state={}", "0f".repeat(32))),
        ),
        ("cut", url.replace(&state, &state[..state.len() - 1])),
        ("longer", url.replace(&state, &format!("{state}A"))),
        ("changed at its end", url.replace(&state, &changed(&state))),
        (
            "changed at its beginning",
            url.replace("state=A", "state=B"),
        ),
        ("padded", url.replace(&state, &format!("{state}%3D"))),
    ];
    for (name, layer) in other_layers {
        let start = ask(&layer, get("/a?b", &NAVIGATION)).await;
        let other = parameter(start.header("location").unwrap(), "state");
        rows.push((name, url.replace(&state, &other)));
    }
    for (name, other) in rows {
        assert_ne!(other, url, "{name}");
        let answer = ask(&layer, coming_back(&other, &cookies)).await;
        assert_eq!(answer.status, 403, "{name}");
        assert!(answer.body.contains(TRY_AGAIN), "{name}");
        let why = "the state was not sealed by this gateway";
        assert_eq!(
            reason(&answer),
            (RefusalKind::Forbidden, why.into()),
            "{name}"
        );
        assert_no_session(name, &fixture, &answer);
        assert!(answer.all("set-cookie").is_empty(), "{name}");
    }
    assert_eq!(ask(&layer, coming_back(&url, &cookies)).await.status, 302);
}

#[tokio::test]
async fn only_the_browser_that_started_completes() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let mine = browser.cookie_header();
    let (name, value) = mine.split_once('=').unwrap();
    for (row, cookies) in [
        ("none", String::new()),
        ("one of something else", "x=1".into()),
        ("without the prefix", mine.replace("__Host-", "")),
        ("under another name", format!("{name}-2={value}")),
        ("cut", mine[..mine.len() - 1].to_owned()),
        ("longer", format!("{mine}A")),
        ("empty", format!("{name}=")),
        ("in another case", mine.to_uppercase()),
    ] {
        let answer = ask(&layer, coming_back(&url, &cookies)).await;
        assert_eq!(answer.status, 403, "{row}");
        assert!(answer.body.contains(TRY_AGAIN), "{row}");
        assert!(
            answer.body.contains("href=\"/a?b\""),
            "{row}: {}",
            answer.body
        );
        let why = "this browser has no pending sign-in of this state";
        assert_eq!(
            reason(&answer),
            (RefusalKind::Forbidden, why.into()),
            "{row}"
        );
        assert_no_session(row, &fixture, &answer);
        assert!(answer.all("set-cookie").is_empty(), "{row}");
    }
    // Another host of the domain may have set more of that name.
    let more = format!("{name}=x; {name}={}; x=1; {mine}", "A".repeat(43));
    let answer = ask(&layer, coming_back(&url, &more)).await;
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.header("location"),
        Some("https://files.example.com/a?b")
    );
}

#[tokio::test]
async fn another_browser_signs_in_as_itself() {
    // An attacker has signed in as u-1, and sends the callback to a person who is about to sign in.
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let (mut person, _) = about_to_come_back(&fixture, &layer).await;
    // If each opened what the other has got, this must end.
    let mut callback = url.clone();
    for restart in 0..5 {
        let opener = if restart % 2 == 0 { &person } else { &browser };
        let cookies = opener.cookie_header();
        let answer = ask(&layer, coming_back(&callback, &cookies)).await;
        assert!(fixture.provider.asked().is_empty(), "{restart}");
        if restart == 4 {
            assert_eq!(answer.status, 403);
            assert_no_session("the last", &fixture, &answer);
            break;
        }
        let location = answer.header("location").expect("a redirect");
        assert!(location.starts_with("https://id.example/authorize?"));
        let lines = answer.all("set-cookie");
        let [line] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert!(line.starts_with(&format!("{cookies}; ")), "its own: {line}");
        let next = parameter(location, "state");
        callback = url.replace(&parameter(&url, "state"), &next);
    }
    // The provider knows the person as somebody else.
    fixture.provider.switches().user["sub"] = "u-2".into();
    person.most_redirects = 5;
    let visit = person.open(&url).await;
    assert_eq!(visit.answer.unwrap().body, "u-2 /a?b");
    // The code of the attacker was not spent.
    let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
    assert_eq!(
        answer.header("location"),
        Some("https://files.example.com/a?b")
    );
}

#[tokio::test]
async fn a_person_has_ten_minutes() {
    for (seconds, status) in [(0, 302), (599, 302), (600, 403), (86_400, 403)] {
        let fixture = Fixture::new();
        let layer = fixture.layer();
        let start = ask(&layer, get("/a?b", &NAVIGATION)).await;
        // As sent by a browser that ignores `Max-Age`.
        let (cookies, _) = start.all("set-cookie")[0].split_once(';').unwrap();
        fixture.clock.advance(Duration::from_secs(seconds));
        let location = start.header("location").unwrap();
        let url = fixture.provider.authorize(location);
        fixture.provider.asked();
        let answer = ask(&layer, coming_back(&url, cookies)).await;
        assert_eq!(answer.status.as_u16(), status, "{seconds} s");
        if status == 403 {
            assert!(answer.body.contains(TRY_AGAIN), "{seconds} s");
            assert_no_session("late", &fixture, &answer);
        }
    }
    // A gateway whose clock is behind that of the one that started the sign-in.
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    fixture.clock.set_back(Duration::from_secs(20));
    let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
    assert_eq!(answer.status, 302);
}

#[tokio::test]
async fn a_provider_error_is_shown_once_and_escaped() {
    for (name, error, shown) in [
        ("the person's no", "access_denied", true),
        ("one of OpenID Connect", "login_required", true),
        ("a script", "<script>alert(1)</script>", false),
        ("an unregistered code", "nobody_knows", false),
    ] {
        let fixture = Fixture::new();
        let layer = fixture.stored_layer();
        fixture.provider.switches().denial = Some(error.into());
        let (mut browser, url) = about_to_come_back(&fixture, &layer).await;
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!(answer.status, 403, "{name}");
        assert_eq!(
            answer.body.contains(error),
            shown,
            "{name}: {}",
            answer.body
        );
        assert!(!answer.body.contains("<b>no</b>") && !answer.body.contains("<script"));
        let why = "the provider refused the sign-in";
        assert_eq!(
            reason(&answer),
            (RefusalKind::Forbidden, why.into()),
            "{name}"
        );
        assert_no_session(name, &fixture, &answer);
        // Its marker is gone, and the cookie serves the other sign-ins.
        assert!(answer.all("set-cookie").is_empty(), "{name}");
        assert!(fixture.store.keys().is_empty(), "{name}");

        fixture.provider.switches().denial = None;
        assert_eq!(browser.open("/a?b").await.status(), 200, "{name}");
    }
}

#[tokio::test]
async fn another_issuers_code_is_never_redeemed() {
    for (name, iss, status) in [
        ("its own", Some("https://id.example"), 302),
        ("none", None, 403),
        ("another", Some("https://evil.example"), 403),
        ("a slash more", Some("https://id.example/"), 403),
    ] {
        for denial in [None, Some("access_denied")] {
            let fixture = Fixture::new();
            let layer = fixture.layer();
            fixture.provider.switches().iss = iss.map(str::to_owned);
            fixture.provider.switches().denial = denial.map(str::to_owned);
            let (browser, url) = about_to_come_back(&fixture, &layer).await;
            let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
            let expected = if denial.is_some() { 403 } else { status };
            assert_eq!(answer.status.as_u16(), expected, "{name}");
            if status == 403 {
                let (kind, why) = reason(&answer);
                assert_eq!(kind, RefusalKind::Forbidden, "{name}");
                assert!(
                    why.starts_with("the provider's answer was rejected: "),
                    "{name}: {why}"
                );
                assert_no_session(name, &fixture, &answer);
            }
        }
    }
}

#[tokio::test]
async fn a_person_off_the_list_gets_no_session() {
    let everyone = || AllowList::everyone();
    let domain = |name| AllowList::new().with_domains([name]).unwrap();
    let email = |name| AllowList::new().with_emails([name]).unwrap();
    let scopes = |name| AllowList::new().with_scopes([name]).unwrap();
    for (name, allowed, status) in [
        ("everyone", everyone(), 302),
        ("the domain", domain("example.com"), 302),
        ("another domain", domain("example.org"), 403),
        ("the address", email("ana@example.com"), 302),
        ("another address", email("bob@example.com"), 403),
        ("a scope", scopes("email"), 302),
        ("another scope", scopes("admin"), 403),
    ] {
        let fixture = Fixture::new();
        let keys = CookieKeys::new(super::KEY).unwrap();
        let url = PublicUrl::new(ORIGIN).unwrap();
        let layer = SsoLayer::new("files", fixture.provider.provider(), url, keys, allowed);
        let layer = layer.unwrap().with_clock(fixture.clock.clone());
        let layer = layer.with_session_store(fixture.store.clone());
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        let lines = answer.all("set-cookie");
        assert_eq!(lines.len(), usize::from(status == 302), "{name}");
        assert_eq!(
            fixture.store.keys().len(),
            usize::from(status == 302),
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_unusable_user_endpoint_is_in_the_reason() {
    let missing = "the provider sent no e-mail address";
    let unusable = "the provider sent no e-mail address: the userinfo_endpoint in the provider's metadata is \
                    not a URL that may be used, and is ignored";
    for (url, expected) in [
        (json!("http://id.example/userinfo"), unusable),
        (json!(null), missing),
    ] {
        let fixture = Fixture::new();
        fixture.provider.switches().metadata = json!({ "userinfo_endpoint": url });
        fixture.provider.switches().id_token = json!({ "email": null });
        let keys = CookieKeys::new(super::KEY).unwrap();
        let allowed = AllowList::new().with_domains(["example.com"]).unwrap();
        let public_url = PublicUrl::new(ORIGIN).unwrap();
        let provider = fixture.provider.provider();
        let layer = SsoLayer::new("files", provider, public_url, keys, allowed).unwrap();
        let layer = layer.with_clock(fixture.clock.clone());
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!(reason(&answer), (RefusalKind::Forbidden, expected.into()));
    }
}

#[tokio::test]
async fn a_session_too_large_needs_a_store() {
    for (groups, sealed, stored) in [(1, 302, 302), (400, 403, 302)] {
        let fixture = Fixture::new();
        let groups: Vec<_> = (0..groups)
            .map(|i| format!("a group of people, {i}"))
            .collect();
        fixture.provider.switches().id_token = json!({"groups": groups});
        for (layer, status) in [(fixture.layer(), sealed), (fixture.stored_layer(), stored)] {
            let (browser, url) = about_to_come_back(&fixture, &layer).await;
            let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
            assert_eq!(answer.status.as_u16(), status, "{}", groups.len());
            if status == 403 {
                let why = "the session does not fit into the cookie";
                assert_eq!(reason(&answer).1, why);
                assert!(answer.all("set-cookie").is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_sign_in_ends_where_it_began() {
    let port = "https://files.example.com:8443";
    for (name, at_start, at_callback, origin) in [
        ("as usual", "files.example.com", "files.example.com", ORIGIN),
        (
            "a callback without the port",
            "files.example.com:8443",
            "files.example.com",
            port,
        ),
        (
            "a callback of another name",
            "files.example.com:8443",
            "10.0.0.7",
            port,
        ),
    ] {
        let fixture = Fixture::new();
        let redirect_uri = format!("{origin}/oauth2/callback");
        fixture.provider.switches().redirect_uris = vec![redirect_uri];
        let layer = fixture.layer_at(PublicUrl::insecure_from_request());
        let headers = |host| {
            [
                ("host", host),
                ("x-forwarded-proto", "https"),
                NAVIGATION[1],
            ]
        };
        let start = ask(&layer, get("/a?b", &headers(at_start))).await;
        let url = fixture
            .provider
            .authorize(start.header("location").unwrap());
        let target = url.strip_prefix(origin).unwrap();
        let (login, _) = start.all("set-cookie")[0].split_once(';').unwrap();

        let [host, proto, mode] = headers(at_callback);
        let back = [host, proto, mode, ("cookie", login)];
        let answer = ask(&layer, get(target, &back)).await;
        let location = answer.header("location");
        assert_eq!(location, Some(&*format!("{origin}/a?b")), "{name}");

        // Without the login cookie, which the browser of that start has, the state names no host.
        let session = answer.all("set-cookie")[0].split_once(';').unwrap().0;
        let signed_in = [host, proto, mode, ("cookie", session)];
        let elsewhere = ask(&layer, get(target, &signed_in)).await;
        let expected = format!("https://{at_callback}/a?b");
        assert_eq!(
            elsewhere.header("location"),
            Some(&*expected),
            "{name}, by another browser"
        );
    }
}

/// A parameter of a URL, with its name.
pub(super) fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let start = format!("{name}=");
    let found = query.split('&').find(|pair| pair.starts_with(&start));
    found.expect(url).to_owned()
}

/// The same text with another last character that decodes to other bytes.
fn changed(text: &str) -> String {
    let (start, last) = text.split_at(text.len() - 2);
    format!("{start}{}", if last == "AA" { "QA" } else { "AA" })
}

fn with_keys(fixture: &Fixture, keys: CookieKeys) -> SsoLayer {
    let url = PublicUrl::new(ORIGIN).unwrap();
    let provider = fixture.provider.provider();
    SsoLayer::new("files", provider, url, keys, AllowList::everyone()).unwrap()
}

fn of_another_client(fixture: &Fixture) -> SsoLayer {
    let provider = Provider::discover(&fixture.provider.issuer(), "other", None).unwrap();
    let provider = provider.with_client(Arc::clone(&fixture.provider));
    let url = PublicUrl::new(ORIGIN).unwrap();
    let keys = CookieKeys::new(super::KEY).unwrap();
    SsoLayer::new("files", provider, url, keys, AllowList::everyone()).unwrap()
}
