//! The session store during a sign-in.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use portcullis::client_address::ClientAddress;
use portcullis::gate::RefusalKind;
use portcullis::session::SessionStoreErrorKind;

use super::callback::{TRY_AGAIN, about_to_come_back, coming_back};
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
        assert!(fixture.provider.asked().is_empty(), "stored: {is_stored}");
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
async fn one_of_many_concurrent_callbacks_is_redeemed() {
    let fixture = Fixture::new();
    for layer in [fixture.layer(), fixture.stored_layer()] {
        let (browser, url) = about_to_come_back(&fixture, &layer).await;
        let code = super::callback::parameter(&url, "code");
        let cookies = browser.cookie_header();
        let come_back = |i| {
            let made_up = url.replace(&code, &format!("code=made-up-{i}"));
            ask(&layer, coming_back(&made_up, &cookies))
        };
        let answers = join_all((0..500).map(come_back)).await;
        let asked = fixture.provider.asked_paths();
        assert_eq!(asked.iter().filter(|path| *path == "/token").count(), 1);
        let statuses = answers.iter().map(|answer| answer.status.as_u16());
        assert!(
            statuses
                .clone()
                .all(|status| status == 403 || status == 503)
        );
        // Another person signs in beside it.
        let mut other = fixture.browser(layer.clone());
        assert_eq!(other.open("/x").await.status(), 200);
    }
}

#[tokio::test]
async fn redemptions_under_way_are_limited() {
    let fixture = Fixture::new();
    let limit = |number| NonZeroUsize::new(number).unwrap();
    for layer in [fixture.layer(), fixture.stored_layer()] {
        let layer = layer
            .with_max_redemptions(limit(3))
            .with_max_redemptions_per_network(limit(2));
        let mut waiting = Vec::new();
        for host in [1, 1, 1, 2, 2, 3] {
            let (browser, url) = about_to_come_back(&fixture, &layer).await;
            let mut request = coming_back(&url, &browser.cookie_header());
            let peer = SocketAddr::from(([127, 0, 0, host], 51234));
            request.extensions_mut().insert(ClientAddress::new(peer));
            waiting.push((request, browser, url));
        }
        fixture.provider.hold(true);
        let mut under_way = Vec::new();
        let mut refused = Vec::new();
        for (i, (request, browser, url)) in waiting.into_iter().enumerate() {
            let mut answer = Box::pin(ask(&layer, request));
            match (&mut answer).now_or_never() {
                None => under_way.push(answer),
                Some(answer) => {
                    assert_eq!(answer.status, 503, "{i}");
                    assert_eq!(answer.header("retry-after"), Some("5"), "{i}");
                    let why = "too many sign-ins are being completed";
                    assert_eq!(reason(&answer), (RefusalKind::Unavailable, why.into()));
                    refused.push((i, browser, url));
                }
            }
        }
        // The third of the first network, and all beyond three.
        let places: Vec<_> = refused.iter().map(|(i, ..)| *i).collect();
        assert_eq!(places, [2, 4, 5]);
        fixture.provider.hold(false);
        for answer in join_all(under_way).await {
            assert_eq!(answer.status, 302);
        }
        // A refused callback can be repeated with the same code.
        for (i, mut browser, url) in refused {
            assert_eq!(browser.open(&url).await.status(), 200, "{i}");
        }
    }
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
        let again = ask(&layer, coming_back(&url, &cookies)).await;
        assert_eq!(again.status, 403);
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
