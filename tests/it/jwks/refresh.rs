//! When keys are fetched again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use portcullis::jwt::KeySource;
use portcullis::jwt::jwks::JwksKeys;

use super::{Desk, Newer, URL, settle};
use crate::support::clock::StandingClock;
use crate::support::fake_provider::{Answer, FakeProvider};

#[tokio::test(start_paused = true)]
async fn due_keys_are_fetched_once_and_nobody_waits() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.publish(Answer::keys(&["b", "c"]));
    desk.pass(539);
    assert_eq!(desk.at_hand().await, Some(1));
    assert_eq!(desk.fetches(), 0);
    desk.pass(61);
    desk.provider.hold(true);
    for _ in 0..100 {
        assert_eq!(desk.at_hand().await, Some(1));
    }
    desk.provider.hold(false);
    settle().await;
    assert_eq!(desk.at_hand().await, Some(2));
    assert_eq!(desk.fetches(), 1);
    // A token with an unknown key waits for the refresh that is under way.
    desk.pass(600);
    desk.provider.hold(true);
    assert_eq!(desk.at_hand().await, Some(2));
    let keys = desk.keys.clone();
    let unknown = tokio::spawn(async move { keys.newer_than(keys.keys().as_ref()) });
    let unknown = unknown.await.unwrap();
    desk.provider.hold(false);
    assert_eq!(super::newer(unknown).await, Newer::Keys(2));
    assert_eq!(desk.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_second_fetch_starts_beside_a_slow_one() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.provider.hold(true);
    desk.pass(600);
    for _ in 0..4 {
        assert_eq!(desk.at_hand().await, Some(1));
        drop(desk.keys.newer_than(desk.keys.keys().as_ref()));
        desk.pass(30);
    }
    assert_eq!(desk.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn max_age_sets_the_refresh_within_bounds() {
    for (cache_control, due) in [
        (None, 600),
        (Some("no-cache"), 600),
        (Some("public, max-age=0"), 60),
        (Some("public, max-age=59"), 60),
        (Some("public, max-age=70, must-revalidate"), 70),
        (Some("max-age=86400"), 3600),
    ] {
        let desk = Desk::new();
        let mut answer = Answer::keys(&["a"]);
        if let Some(cache_control) = cache_control {
            answer = answer.with("cache-control", cache_control);
        }
        desk.publish(answer);
        desk.keys.fetch().await.unwrap();
        // A tenth is left to chance.
        desk.pass(due - due / 10 - 1);
        desk.at_hand().await;
        assert_eq!(desk.fetches(), 1, "{cache_control:?}, early");
        desk.pass(due / 10 + 1);
        desk.at_hand().await;
        assert_eq!(desk.fetches(), 1, "{cache_control:?}, due");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fleet_does_not_fetch_at_once() {
    let provider = FakeProvider::new();
    provider.publish("/keys", Answer::keys(&["a"]));
    let mut moments = BTreeSet::new();
    for _ in 0..40 {
        let clock = StandingClock::new();
        let gateway = JwksKeys::new(URL).unwrap();
        let gateway = gateway
            .with_client(Arc::clone(&provider))
            .with_clock(clock.clone());
        gateway.fetch().await.unwrap();
        provider.asked();
        for second in 0..=600 {
            gateway.keys();
            tokio::task::yield_now().await;
            if !provider.asked().is_empty() {
                moments.insert(second);
                break;
            }
            clock.advance(Duration::from_secs(1));
        }
    }
    assert!(*moments.first().unwrap() >= 540, "{moments:?}");
    assert!(*moments.last().unwrap() <= 600, "{moments:?}");
    assert!(moments.len() > 10, "{moments:?}");
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_document_keeps_the_keys() {
    let desk = Desk::with_keys(&["a"]).await;
    let first = desk.keys.keys().unwrap();
    for (name, answer, same) in [
        ("the same", Answer::keys(&["a"]), true),
        (
            "with another age",
            Answer::keys(&["a"]).with("cache-control", "max-age=90"),
            true,
        ),
        ("another key", Answer::keys(&["b"]), false),
    ] {
        desk.publish(answer);
        desk.keys.fetch().await.unwrap();
        let now = desk.keys.keys().unwrap();
        assert_eq!(first.ptr_eq(&now), same, "{name}");
    }
    assert_eq!(desk.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_clone_has_the_same_keys() {
    let desk = Desk::with_keys(&["a"]).await;
    let clone = desk.keys.clone();
    desk.publish(Answer::keys(&["a", "b"]));
    clone.fetch().await.unwrap();
    assert!(clone.keys().unwrap().ptr_eq(&desk.keys.keys().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_frozen_fetch_is_started_anew() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.publish(Answer::Hangs);
    desk.pass(600);
    // It is started, and then nobody drives it: the runtime of its task is gone.
    let keys = desk.keys.clone();
    let frozen = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .unwrap()
            .block_on(async move { keys.keys().unwrap().len() })
    });
    assert_eq!(frozen.join().unwrap(), 1);
    assert_eq!(desk.fetches(), 0, "the task has not run");
    desk.publish(Answer::keys(&["a", "b"]));
    for (name, wall, limit, fetches, at_hand) in [
        ("in the cooldown", 29, 10, 0, 1),
        ("after it", 1, 0, 1, 1),
        ("and then", 0, 0, 0, 2),
    ] {
        desk.pass(wall);
        tokio::time::advance(Duration::from_secs(limit)).await;
        assert_eq!(desk.at_hand().await, Some(at_hand), "{name}");
        assert_eq!(desk.fetches(), fetches, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_replaced_fetch_changes_nothing() {
    let desk = Desk::new();
    let keys = desk.keys.clone();
    // It is started, and then nobody drives it.
    let frozen = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async { keys.newer_than(None) })
    });
    let given_up = frozen.join().unwrap();
    desk.pass(30);
    tokio::time::advance(Duration::from_secs(10)).await;
    desk.publish(Answer::keys(&["a", "b"]));
    assert_eq!(desk.unknown().await, Newer::Keys(2));
    // A request that waits for it drives it on.
    desk.publish(Answer::keys(&["c"]));
    assert_eq!(super::newer(given_up).await, Newer::Keys(1));
    assert_eq!(desk.at_hand().await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn keys_are_as_old_as_their_fetch() {
    // For example if a process is frozen between the request and the answer.
    let desk = Desk::new();
    desk.publish(Answer::keys(&["a"]));
    desk.provider.hold(true);
    let keys = desk.keys.clone();
    let fetch = tokio::spawn(async move { keys.fetch().await });
    settle().await;
    desk.pass(24 * 3600 - 1);
    desk.provider.hold(false);
    fetch.await.unwrap().unwrap();
    assert_eq!(desk.fetches(), 1);
    assert_eq!(desk.at_hand().await, Some(1));
    assert_eq!(desk.fetches(), 1, "they are due at once");

    let desk = Desk::with_keys(&["a"]).await;
    desk.provider.hold(true);
    let keys = desk.keys.clone();
    let fetch = tokio::spawn(async move { keys.fetch().await });
    settle().await;
    desk.pass(24 * 3600);
    desk.provider.hold(false);
    fetch.await.unwrap().unwrap();
    assert!(desk.keys.keys().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_delays_no_fetch() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.set_back(5);
    desk.at_hand().await;
    assert_eq!(
        desk.unknown().await,
        Newer::None,
        "by less than the cooldown"
    );
    assert_eq!(desk.fetches(), 0);
    desk.set_back(600);
    desk.at_hand().await;
    assert_eq!(desk.fetches(), 1, "by more than keys are fresh");
    desk.set_back(1000);
    assert_eq!(
        desk.unknown().await,
        Newer::Keys(1),
        "by more than the cooldown"
    );
    desk.set_back(48 * 3600);
    assert_eq!(desk.at_hand().await, None, "nobody knows how old they are");
    assert_eq!(desk.at_hand().await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_task_keeps_keys_fresh_without_requests() {
    let desk = Desk::with_keys(&["a"]).await;
    let keys = desk.keys.clone();
    let task = tokio::spawn(async move {
        loop {
            // The observer reports failures.
            let _ = keys.fetch().await;
            tokio::time::sleep(Duration::from_mins(5)).await;
        }
    });
    desk.publish(Answer::keys(&["a", "b"]));
    tokio::time::sleep(Duration::from_mins(11)).await;
    task.abort();
    assert_eq!(desk.fetches(), 3);
    assert_eq!(desk.at_hand().await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn keys_at_hand_cost_no_allocation() {
    let desk = Desk::with_keys(&["a"]).await;
    let mut at_hand = None;
    let cost = allocation_counter::measure(|| at_hand = desk.keys.keys());
    assert_eq!((cost.count_total, at_hand.unwrap().len()), (0, 1));
}
