//! Sessions whose access token is about to expire.

use std::time::Duration;

use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, PublicUrl};
use portcullis::{SsoLayer, gate::Identity, jwt::ClaimSet};
use serde_json::{Value, json};

use super::kept_up::{Desk, TOKEN, look_through, told};
use super::{Fixture, KEY, NAVIGATION, ORIGIN};
use crate::support::fake_provider::Answer;
use crate::support::{get, through};

#[tokio::test]
async fn a_token_is_refreshed_in_its_last_minute() {
    for mut desk in [Desk::sealed().await, Desk::stored().await] {
        let is_sealed = desk.fixture.store.keys().is_empty();
        desk.pass(239);
        assert_eq!(told(&desk.look().await), "200, cookie kept");
        assert_eq!(desk.asked(TOKEN), 0, "it is too early");
        for round in 1..=3 {
            desk.pass(if round == 1 { 1 } else { 240 });
            let cookie = if is_sealed { "set" } else { "kept" };
            assert_eq!(
                told(&desk.look().await),
                format!("200, cookie {cookie}"),
                "{round}"
            );
            assert_eq!(desk.asked(TOKEN), 1, "{round}");
            assert_eq!(told(&desk.look().await), "200, cookie kept", "{round}");
            assert_eq!(desk.asked(TOKEN), 0, "{round}");
        }
        // The end of the session has not moved.
        let cookie = &desk.browser.cookies()[0];
        let age = if is_sealed {
            9 * 3600 - 240 * 3
        } else {
            9 * 3600
        };
        assert_eq!(cookie.max_age, Duration::from_secs(age));
    }
}

#[tokio::test]
async fn failures_count_once_the_token_has_expired() {
    let oauth_error = |status, error: &str| {
        let body = json!({ "error": error }).to_string();
        let mut answer = http::Response::new(body.into());
        *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
        Answer::Is(answer)
    };
    let over = "302, cookie removed";
    let outdated = "302, cookie kept";
    let goes_on = "200, cookie kept";
    let unavailable = "503, cookie kept, again in 5 s: the session cannot be checked now: \
                       the provider failed to confirm the session";
    for (name, answer, before_the_end, after_it) in [
        (
            "invalid_grant",
            oauth_error(400, "invalid_grant"),
            over,
            over,
        ),
        (
            "another error",
            oauth_error(400, "invalid_request"),
            goes_on,
            unavailable,
        ),
        (
            "the client is not known",
            oauth_error(401, "invalid_client"),
            goes_on,
            unavailable,
        ),
        (
            "500",
            oauth_error(500, "server_error"),
            goes_on,
            unavailable,
        ),
        ("no connection", Answer::Breaks, goes_on, unavailable),
        ("not JSON", Answer::ok("<html>"), goes_on, unavailable),
        ("no token", Answer::ok("{}"), goes_on, unavailable),
    ] {
        for is_stored in [false, true] {
            for (seconds, expected) in [
                (240, before_the_end),
                (299, before_the_end),
                (300, after_it),
            ] {
                let mut desk = if is_stored {
                    Desk::stored().await
                } else {
                    Desk::sealed().await
                };
                desk.fixture.provider.publish(TOKEN, answer.clone());
                desk.pass(seconds);
                // Without a store, another gateway may have renewed the session.
                let expected = match (expected == over, is_stored, seconds) {
                    (true, false, 300) => outdated,
                    (true, false, _) => goes_on,
                    _ => expected,
                };
                let now = told(&desk.look().await);
                assert!(now.starts_with(expected), "{name} after {seconds} s: {now}");
                assert_eq!(desk.asked(TOKEN), 1, "{name} after {seconds} s");
                let sessions = desk.fixture.store.keys();
                let is_kept = sessions.iter().any(|key| key.starts_with("session/"));
                assert_eq!(
                    is_kept,
                    is_stored && expected != over,
                    "{name}: {sessions:?}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_provider_is_a_failure() {
    for (seconds, expected) in [
        (240, "200, cookie kept"),
        (300, "503, cookie kept, again in 5 s"),
    ] {
        let mut desk = Desk::sealed().await;
        desk.fixture.provider.publish(TOKEN, Answer::Hangs);
        desk.pass(seconds);
        assert!(
            told(&desk.look().await).starts_with(expected),
            "after {seconds} s"
        );
    }
}

#[tokio::test]
async fn a_failure_pauses_requests_to_the_provider() {
    let mut desk = Desk::sealed().await;
    desk.fixture.provider.publish(TOKEN, Answer::Breaks);
    desk.pass(240);
    for (name, seconds, asked) in [("at once", 0, 1), ("soon", 4, 0), ("later", 1, 1)] {
        desk.pass(seconds);
        assert_eq!(told(&desk.look().await), "200, cookie kept", "{name}");
        assert_eq!(desk.asked(TOKEN), asked, "{name}");
    }
    desk.fixture.provider.mend();
    desk.pass(5);
    assert_eq!(told(&desk.look().await), "200, cookie set");
}

#[tokio::test]
async fn a_refresh_token_may_stay() {
    let mut desk = Desk::sealed().await;
    desk.fixture.provider.switches().token_answer = json!({ "refresh_token": null });
    desk.pass(240);
    assert_eq!(told(&desk.look().await), "200, cookie set");
    // The provider accepts each token once, so the second time shows which one was sent.
    let used = desk.fixture.provider.asked();
    desk.pass(240);
    desk.look().await;
    let again = desk.fixture.provider.asked();
    let form = |asked: &[crate::support::fake_sso::Asked]| {
        let asked = asked.iter().find(|asked| asked.path == TOKEN);
        asked.unwrap().form.clone()
    };
    assert!(form(&used).contains("refresh_token="));
    assert_eq!(form(&again), form(&used));
}

#[tokio::test]
async fn a_session_may_outlive_its_access_token() {
    let fixture = Fixture::new();
    fixture.provider.switches().has_refresh_tokens = false;
    let layer = fixture.layer();
    let mut desk = Desk::new(fixture, layer).await;
    desk.pass(3600);
    assert_eq!(told(&desk.look().await), "200, cookie kept");
    assert_eq!(desk.asked(TOKEN), 0);
}

#[tokio::test]
async fn new_claims_are_checked_against_the_list() {
    let fixture = Fixture::new();
    let layer = || {
        let allowed = AllowList::new().with_domains(["example.com"]).unwrap();
        let url = PublicUrl::new(ORIGIN).unwrap();
        let keys = CookieKeys::new(KEY).unwrap();
        let layer = SsoLayer::new("files", fixture.provider.provider(), url, keys, allowed);
        layer.unwrap().with_clock(fixture.clock.clone())
    };
    let (sealed, stored) = (layer(), layer().with_session_store(fixture.store.clone()));
    for (layer, cookie) in [(sealed, "set"), (stored, "kept")] {
        fixture.provider.switches().user["name"] = "Ana".into();
        fixture.provider.switches().user["email"] = "ana@example.com".into();
        let mut browser = fixture.browser(layer.clone());
        assert_eq!(browser.open("/").await.status(), 200);
        fixture.provider.switches().user["name"] = "Ana Example".into();
        fixture.clock.advance(Duration::from_mins(4));
        let cookies = browser.cookie_header();
        let answer = through(&layer, get("/x", &[("cookie", &cookies)])).await;
        let identity = answer.seen().extensions.get::<Identity>().unwrap();
        let name = identity.claims::<ClaimSet>().unwrap().get("name");
        assert_eq!(name.and_then(Value::as_str), Some("Ana Example"));
        let set = browser.send("GET", "/x", &[]).await;
        assert_eq!(told(&set), format!("200, cookie {cookie}"));

        // A person who leaves the company is refused from the next refresh on.
        fixture.provider.switches().user["email"] = "ana@elsewhere.example".into();
        fixture.clock.advance(Duration::from_mins(4));
        let refused = format!("403, cookie {cookie}: the e-mail address is not allowed");
        assert_eq!(told(&browser.send("GET", "/x", &[]).await), refused);
        let stays = "403, cookie kept: the e-mail address is not allowed";
        assert_eq!(
            told(&look_through(&layer, &browser.cookie_header()).await),
            stays
        );
    }
}

#[tokio::test]
async fn another_persons_id_token_ends_the_session() {
    for is_stored in [false, true] {
        let mut desk = if is_stored {
            Desk::stored().await
        } else {
            Desk::sealed().await
        };
        desk.fixture.provider.switches().id_token = json!({ "sub": "u-2" });
        desk.pass(240);
        assert_eq!(told(&desk.look().await), "302, cookie removed");
    }
}

#[tokio::test]
async fn a_refused_new_token_ends_the_session() {
    for (status, expected) in [(200, "200, cookie set"), (401, "302, cookie removed")] {
        let fixture = Fixture::new();
        // The user endpoint is asked for claims that the ID token lacks.
        fixture.provider.switches().id_token = json!({ "email": null });
        let layer = fixture.layer();
        let mut desk = Desk::new(fixture, layer).await;
        if status != 200 {
            desk.fixture
                .provider
                .publish("/userinfo", Answer::status(status));
        }
        desk.pass(240);
        assert_eq!(told(&desk.look().await), expected, "{status}");
        assert_eq!(desk.asked("/userinfo"), 1, "{status}");
    }
}

#[tokio::test]
async fn a_session_ending_at_once_causes_no_loop() {
    let fixture = Fixture::new();
    fixture.provider.switches().lifetime = 1;
    let layer = fixture.layer();
    let mut desk = Desk::new(fixture, layer).await;
    desk.fixture.provider.revoke_all();
    let failed = "403, cookie kept: the provider no longer accepts the refresh token";
    for expected in ["302, cookie kept", "302, cookie kept", failed] {
        desk.pass(1);
        let answer = desk.look().await;
        assert_eq!(told(&answer), expected);
        let kind = answer.header("content-type").unwrap_or_default();
        assert_eq!(kind.starts_with("text/html"), answer.status == 403);
        if answer.status == 302 {
            let location = answer.header("location").unwrap();
            let callback = desk.fixture.provider.authorize(location);
            let target = callback.strip_prefix(ORIGIN).unwrap();
            let answer = desk.browser.send("GET", target, &NAVIGATION[1..]).await;
            assert_eq!(told(&answer), "302, cookie set");
            desk.fixture.provider.revoke_all();
        }
    }
    // A session that has lasted for a minute was not lost at once.
    desk.pass(60);
    assert_eq!(told(&desk.look().await), "302, cookie kept");
}

#[tokio::test]
async fn a_short_lived_token_is_not_always_refreshed() {
    let fixture = Fixture::new();
    fixture.provider.switches().lifetime = 60;
    let layer = fixture.layer();
    let mut desk = Desk::new(fixture, layer).await;
    for (seconds, asked) in [(29, 0), (1, 1), (0, 0), (29, 0), (1, 1)] {
        desk.pass(seconds);
        assert_eq!(desk.look().await.status, 200);
        assert_eq!(desk.asked(TOKEN), asked, "{seconds}");
    }
}
