//! The session store during a sign-in.

use std::time::Duration;

use futures_util::FutureExt;
use portcullis::gate::RefusalKind;
use portcullis::session::SessionStoreErrorKind;

use super::callback::{LOGIN, TRY_AGAIN, about_to_come_back, coming_back};
use super::{Fixture, NAVIGATION, ask, reason};
use crate::support::get;
use crate::support::memory_sessions::Mood;

/// The keys of the store with this prefix.
fn keys(fixture: &Fixture, prefix: &str) -> usize {
    let keys = fixture.store.keys();
    keys.iter().filter(|key| key.starts_with(prefix)).count()
}

#[tokio::test]
async fn a_state_is_redeemed_once() {
    for is_stored in [true, false] {
        let fixture = Fixture::new();
        let layer = if is_stored {
            fixture.stored_layer()
        } else {
            fixture.layer()
        };
        let (mut browser, url) = about_to_come_back(&fixture, &layer).await;
        let cookies = browser.cookie_header();
        assert_eq!(keys(&fixture, "login/"), usize::from(is_stored));
        let first = ask(&layer, coming_back(&url, &cookies)).await;
        assert_eq!(first.status, 302);
        assert_eq!(keys(&fixture, "login/"), 0);
        fixture.provider.asked();

        // An attacker has seen the URL and the cookies, or a browser sends both again.
        let again = ask(&layer, coming_back(&url, &cookies)).await;
        assert_eq!(again.status, 403, "stored: {is_stored}");
        let asked = fixture.provider.asked_paths();
        let is_asked = asked.iter().any(|path| path == "/token");
        assert_eq!(
            is_asked, !is_stored,
            "without a store, the provider refuses"
        );
        assert!(
            !again
                .all("set-cookie")
                .iter()
                .any(|line| !line.contains("Max-Age=0"))
        );

        // The person reloads the page with the remaining cookies.
        browser.open(&url).await;
    }
}

#[tokio::test]
async fn one_of_two_concurrent_callbacks_is_redeemed() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let come_back = || ask(&layer, coming_back(&url, &browser.cookie_header()));
    let (first, second) = tokio::join!(come_back(), come_back());
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 403]);
    let tokens = fixture.provider.asked_paths();
    assert_eq!(tokens.iter().filter(|path| *path == "/token").count(), 1);
}

#[tokio::test]
async fn a_missing_marker_ends_a_sign_in() {
    for is_flushed in [false, true] {
        let fixture = Fixture::new();
        let layer = fixture.stored_layer();
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        if is_flushed {
            fixture.store.flush();
        }
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!(answer.status.as_u16(), if is_flushed { 403 } else { 302 });
        if is_flushed {
            assert!(answer.body.contains(TRY_AGAIN));
            let why = "the state was redeemed before, or is no longer in the store";
            assert_eq!(reason(&answer), (RefusalKind::Forbidden, why.into()));
            assert!(
                !fixture
                    .provider
                    .asked_paths()
                    .contains(&"/token".to_owned())
            );
        }
    }
    // A gateway without its store cannot know what was recorded there.
    let fixture = Fixture::new();
    let (browser, url) = about_to_come_back(&fixture, &fixture.stored_layer()).await;
    let answer = ask(
        &fixture.layer(),
        coming_back(&url, &browser.cookie_header()),
    )
    .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn markers_expire() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    for _ in 0..3 {
        ask(&layer, get("/", &NAVIGATION)).await;
    }
    fixture.clock.advance(Duration::from_secs(599));
    assert_eq!(keys(&fixture, "login/"), 3);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(keys(&fixture, "login/"), 0);
}

#[tokio::test]
async fn a_failing_store_loses_no_code() {
    for kind in [
        SessionStoreErrorKind::Unreachable,
        SessionStoreErrorKind::TimedOut,
    ] {
        let fixture = Fixture::new();
        let layer = fixture.stored_layer();
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        fixture.store.be(Mood::Fails(kind));
        let start = ask(&layer, get("/x", &NAVIGATION)).await;
        let back = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        for answer in [start, back] {
            assert_eq!(answer.status, 503);
            assert_eq!(answer.header("retry-after"), Some("5"));
            assert_eq!(reason(&answer).0, RefusalKind::Unavailable);
            let why = reason(&answer).1;
            assert!(why.starts_with("the session store failed: "), "{why}");
            assert!(answer.all("set-cookie").is_empty());
        }
        assert!(
            !fixture
                .provider
                .asked_paths()
                .contains(&"/token".to_owned())
        );
        fixture.store.be(Mood::Works);
        let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
        assert_eq!(answer.status, 302);
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_saved_fails() {
    let fails = Mood::Fails(SessionStoreErrorKind::Unreachable);
    for (mood, status) in [(Mood::Works, 302), (fails, 503)] {
        let fixture = Fixture::new();
        let layer = fixture.stored_layer();
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        let cookies = browser.cookie_header();
        fixture.provider.hold(true);
        let mut answer = Box::pin(ask(&layer, coming_back(&url, &cookies)));
        assert!(
            (&mut answer).now_or_never().is_none(),
            "it redeems the code"
        );
        fixture.store.be(mood);
        fixture.provider.hold(false);
        let answer = answer.await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("location").is_some(), status == 302);
        let lines = answer.all("set-cookie");
        let set = lines.iter().filter(|line| !line.contains("Max-Age=0"));
        assert_eq!(set.count(), usize::from(status == 302), "{lines:?}");
        // Its code is spent either way.
        assert!(
            lines.iter().any(|line| line.starts_with(LOGIN)),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn stored_values_reveal_nothing() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let (browser, url) = about_to_come_back(&fixture, &layer).await;
    let marker = fixture.store.keys().remove(0);
    assert_eq!(marker.len(), "login/".len() + 32);
    assert_eq!(fixture.store.value(&marker).as_deref(), Some(&b"1"[..]));
    // A reader of the store cannot complete another person's sign-in.
    let (_, value) = browser
        .cookie_header()
        .split_once('=')
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .unwrap();
    assert!(!url.contains(&marker["login/".len()..]) && !url.contains(&value));
    ask(&layer, coming_back(&url, &browser.cookie_header())).await;
    let session = fixture.store.keys().remove(0);
    let value = fixture.store.value(&session).unwrap();
    let value = String::from_utf8_lossy(&value).into_owned();
    for secret in ["ana@example.com", "u-1", "access-token", "refresh-token"] {
        assert!(!value.contains(secret), "{secret}");
    }
}
