//! Sessions that end when they are not used.

use std::time::Duration;

use portcullis::session::SessionStore;

use super::Fixture;
use super::kept_up::{Desk, told};

const IDLE: Duration = Duration::from_mins(10);

async fn desk(is_stored: bool) -> Desk {
    let fixture = Fixture::new();
    fixture.provider.switches().has_refresh_tokens = false;
    let layer = if is_stored {
        fixture.stored_layer()
    } else {
        fixture.layer()
    };
    Desk::new(fixture, layer.with_idle_lifetime(IDLE).unwrap()).await
}

#[tokio::test]
async fn use_is_recorded_every_tenth_of_the_lifetime() {
    for is_stored in [false, true] {
        let mut desk = desk(is_stored).await;
        for (name, seconds, is_noted) in [
            ("at once", 0, false),
            ("soon", 59, false),
            ("after a minute", 1, true),
            ("again at once", 0, false),
            ("at the last moment", 599, true),
            ("and again", 599, true),
        ] {
            desk.pass(seconds);
            let cookie = if is_noted && !is_stored {
                "set"
            } else {
                "kept"
            };
            assert_eq!(
                told(&desk.look().await),
                format!("200, cookie {cookie}"),
                "{name}"
            );
            let asked = desk.fixture.store.asked();
            let saves = asked
                .iter()
                .filter(|asked| asked.starts_with("save session/"));
            assert_eq!(
                saves.count(),
                usize::from(is_noted && is_stored),
                "{name}: {asked:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_unused_session_ends() {
    for is_stored in [false, true] {
        for (seconds, expected) in [(599, "200"), (600, "302, cookie removed")] {
            let mut desk = desk(is_stored).await;
            desk.pass(seconds);
            let now = told(&desk.look().await);
            assert!(now.starts_with(expected), "after {seconds} s: {now}");
            let keys = desk.fixture.store.keys();
            let is_there = keys.iter().any(|key| key.starts_with("session/"));
            assert_eq!(is_there, is_stored && seconds == 599);
        }
    }
}

#[tokio::test]
async fn use_does_not_extend_the_lifetime() {
    for is_stored in [false, true] {
        let mut desk = desk(is_stored).await;
        for _ in 0..(9 * 3600 / 599) {
            desk.pass(599);
            assert_eq!(desk.look().await.status, 200);
        }
        // The browser drops it by itself.
        let cookies = desk.browser.cookie_header();
        desk.pass(9 * 3600 % 599);
        assert_eq!(told(&desk.look_with(&cookies).await), "302, cookie removed");
    }
}

#[tokio::test]
async fn a_failing_store_does_not_end_a_session() {
    let desk = desk(true).await;
    let cookies = desk.browser.cookie_header();
    desk.pass(60);
    let keys = desk.fixture.store.keys();
    let digest = keys
        .iter()
        .find_map(|key| key.strip_prefix("session/"))
        .unwrap();
    let lock = format!("lock/{digest}");
    let store = &desk.fixture.store;
    let locked = store.try_lock(&lock, Duration::from_secs(30));
    assert!(locked.await.unwrap());
    desk.fixture.store.asked();
    assert_eq!(told(&desk.look_with(&cookies).await), "200, cookie kept");
    let asked = desk.fixture.store.asked();
    assert!(
        !asked.iter().any(|asked| asked.starts_with("save ")),
        "{asked:?}"
    );
}
