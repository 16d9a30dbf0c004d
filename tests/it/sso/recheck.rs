//! Plain OAuth 2.0: rechecks of the access token at the user endpoint.

use futures_util::future::join_all;
use portcullis::gate::Identity;
use portcullis::jwt::ClaimSet;
use serde_json::Value;

use super::kept_up::{Desk, USER, layer_at, told};
use super::{Fixture, NAVIGATION, ORIGIN};
use crate::support::{Answer, fake_provider, get, through};

#[tokio::test]
async fn a_recheck_follows_the_interval() {
    for (is_stored, cookie) in [(false, "set"), (true, "kept")] {
        let mut desk = Desk::rechecked(600, is_stored).await;
        for (name, seconds, asked, cookie) in [
            ("at once", 0, 0, "kept"),
            ("a second before", 599, 0, "kept"),
            ("when it is over", 1, 1, cookie),
            ("again at once", 0, 0, "kept"),
            ("a second before, again", 599, 0, "kept"),
            ("when it is over again", 1, 1, cookie),
        ] {
            desk.pass(seconds);
            assert_eq!(
                told(&desk.look().await),
                format!("200, cookie {cookie}"),
                "{name}"
            );
            assert_eq!(desk.asked(USER), asked, "{name}, stored: {is_stored}");
        }
    }
}

#[tokio::test]
async fn with_interval_zero_every_request_asks() {
    for is_stored in [false, true] {
        let desk = Desk::rechecked(0, is_stored).await;
        let cookies = desk.browser.cookie_header();
        let answers = join_all((0..5).map(|_| desk.look_with(&cookies))).await;
        assert!(
            answers
                .iter()
                .all(|answer| told(answer) == "200, cookie kept")
        );
        assert_eq!(desk.asked(USER), 5, "stored: {is_stored}");
        let writes = desk.fixture.store.asked();
        assert!(
            writes.iter().all(|asked| asked.starts_with("load ")),
            "{writes:?}"
        );
    }
}

#[tokio::test]
async fn many_requests_share_a_recheck() {
    for is_stored in [false, true] {
        let desk = Desk::rechecked(600, is_stored).await;
        desk.pass(600);
        let cookies = desk.browser.cookie_header();
        let answers = join_all((0..30).map(|_| desk.look_with(&cookies))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert_eq!(desk.asked(USER), 1, "stored: {is_stored}");
    }
}

#[tokio::test]
async fn the_user_endpoint_decides() {
    let unavailable = "503, cookie kept, again in 5 s: the session cannot be checked now: \
                       the provider failed to confirm the session";
    let over = "302, cookie removed";
    for (name, answer, expected) in [
        ("401", fake_provider::Answer::status(401), over),
        ("403", fake_provider::Answer::status(403), over),
        ("404", fake_provider::Answer::status(404), unavailable),
        ("500", fake_provider::Answer::status(500), unavailable),
        (
            "a redirect",
            fake_provider::Answer::redirect(302, "/elsewhere"),
            unavailable,
        ),
        ("no connection", fake_provider::Answer::Breaks, unavailable),
        ("not JSON", fake_provider::Answer::ok("<html>"), unavailable),
        ("nobody", fake_provider::Answer::ok("{}"), unavailable),
        (
            "another person",
            fake_provider::Answer::ok(r#"{"sub":"u-2"}"#),
            over,
        ),
    ] {
        for grace in [0, 600] {
            for is_stored in [false, true] {
                let mut desk = Desk::rechecked(grace, is_stored).await;
                desk.pass(600);
                desk.fixture.provider.publish(USER, answer.clone());
                let cookies = desk.browser.cookie_header();
                let now = told(&desk.look().await);
                assert!(now.starts_with(expected), "{name}, {grace} s: {now}");
                let keys = desk.fixture.store.keys();
                let is_kept = keys.iter().any(|key| key.starts_with("session/"));
                assert_eq!(is_kept, is_stored && expected != over, "{name}, {grace} s");
                // A copy of the cookie is refused as well, even if the provider accepts the token again.
                desk.fixture.provider.mend();
                if is_stored && expected == over {
                    assert_eq!(
                        told(&desk.look_with(&cookies).await),
                        over,
                        "{name}, {grace} s"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_token_refused_at_once_causes_no_loop() {
    let failed = "403, cookie removed: the provider no longer accepts the access token";
    let again = "302, cookie removed";
    for (name, seconds, expected) in [
        ("at once", 0, [again, again, failed]),
        ("within a minute", 59, [again, again, failed]),
        ("later", 60, [again, again, again]),
    ] {
        for is_stored in [false, true] {
            let mut desk = Desk::rechecked(0, is_stored).await;
            for expected in expected {
                desk.fixture.provider.revoke_all();
                desk.pass(seconds);
                let cookies = desk.browser.cookie_header();
                let answer = desk.look_with(&cookies).await;
                assert_eq!(told(&answer), expected, "{name}, stored: {is_stored}");
                if expected == again {
                    sign_in_again(&mut desk, answer).await;
                }
            }
        }
    }
}

/// Follows the redirect to the provider and back, and stops at the end of the callback.
async fn sign_in_again(desk: &mut Desk, answer: Answer) {
    desk.browser.take(&answer);
    let callback = desk
        .fixture
        .provider
        .authorize(answer.header("location").unwrap());
    let target = callback.strip_prefix(ORIGIN).unwrap();
    let answer = desk.browser.send("GET", target, &NAVIGATION[1..]).await;
    assert_eq!(told(&answer), "302, cookie set");
}

#[tokio::test]
async fn a_recheck_replaces_the_claims() {
    let desk = Desk::rechecked(600, true).await;
    desk.fixture.provider.switches().user["name"] = "Ana Example".into();
    for (seconds, name) in [(599, "Ana"), (1, "Ana Example"), (1, "Ana Example")] {
        desk.pass(seconds);
        let cookies = desk.browser.cookie_header();
        let answer = through(&desk.layer, get("/x", &[("cookie", &cookies)])).await;
        let identity = answer.seen().extensions.get::<Identity>().unwrap();
        let claim = identity.claims::<ClaimSet>().unwrap().get("name");
        assert_eq!(claim.and_then(Value::as_str), Some(name));
    }
}

#[tokio::test]
async fn a_status_only_endpoint_names_nobody() {
    let fixture = Fixture::oauth2();
    fixture.provider.switches().has_refresh_tokens = false;
    fixture.provider.switches().lifetime = 100_000;
    let endpoints = fixture
        .provider
        .endpoints()
        .with_user_url_for_rechecks_only();
    let layer = layer_at(&fixture, endpoints);
    let mut desk = Desk::new(fixture, layer).await;
    desk.fixture
        .provider
        .publish(USER, fake_provider::Answer::ok("anything"));
    desk.pass(3600);
    let answer = desk.look().await;
    assert_eq!(
        (told(&answer).as_str(), &*answer.body),
        ("200, cookie set", "unknown /x")
    );
    assert_eq!(desk.asked(USER), 1);
    desk.fixture
        .provider
        .publish(USER, fake_provider::Answer::status(403));
    desk.pass(3600);
    assert_eq!(told(&desk.look().await), "302, cookie removed");
}

#[tokio::test]
async fn a_refresh_precedes_a_recheck() {
    let fixture = Fixture::oauth2();
    let endpoints = fixture.provider.endpoints();
    let layer = layer_at(
        &fixture,
        endpoints.with_recheck_interval(std::time::Duration::from_mins(5)),
    );
    let mut desk = Desk::new(fixture, layer).await;
    desk.pass(300);
    assert_eq!(told(&desk.look().await), "200, cookie set");
    assert_eq!(desk.fixture.provider.asked_paths(), ["/o/token/", USER]);

    // The new tokens are not lost if the user endpoint fails.
    desk.fixture
        .provider
        .publish(USER, fake_provider::Answer::Breaks);
    desk.pass(300);
    let now = told(&desk.look().await);
    assert!(now.starts_with("503, cookie set, again in 5 s"), "{now}");
    desk.fixture.provider.mend();
    desk.pass(60);
    assert_eq!(told(&desk.look().await), "200, cookie set");
}
