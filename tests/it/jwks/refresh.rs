//! When keys are fetched again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use portcullis::jwt::KeySource;
use portcullis::jwt::jwks::JwksKeys;

use super::{Desk, Told, URL, settle};
use crate::support::clock::StandingClock;
use crate::support::fake_provider::{Answer, FakeProvider};

#[tokio::test(start_paused = true)]
async fn keys_that_are_due_are_fetched_once_and_nobody_waits() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.publish(Answer::keys(&["b", "c"]));
    desk.pass(599);
    assert_eq!(desk.at_hand().await, Some(1));
    assert_eq!(desk.fetches(), 0);
    desk.pass(1);
    desk.provider.hold(true);
    for _ in 0..100 {
        assert_eq!(desk.at_hand().await, Some(1));
    }
    desk.provider.hold(false);
    settle().await;
    assert_eq!(desk.at_hand().await, Some(2));
    assert_eq!(desk.fetches(), 1);
    // A token of an unknown key waits for a refresh that is under way.
    desk.pass(600);
    desk.provider.hold(true);
    assert_eq!(desk.at_hand().await, Some(2));
    let keys = desk.keys.clone();
    let unknown = tokio::spawn(async move { keys.newer_than(keys.keys().as_deref()) });
    let unknown = unknown.await.unwrap();
    desk.provider.hold(false);
    assert_eq!(super::told(unknown).await, Told::Keys(2));
    assert_eq!(desk.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_second_fetch_is_begun_beside_one_that_takes_longer_than_the_pause() {
    let second = Duration::from_secs(1);
    let desk = Desk::over(JwksKeys::new(URL).unwrap().with_cooldown(second).unwrap());
    desk.publish(Answer::keys(&["a"]));
    desk.keys.fetch().await.unwrap();
    desk.provider.hold(true);
    desk.pass(600);
    for _ in 0..4 {
        assert_eq!(desk.at_hand().await, Some(1));
        drop(desk.keys.newer_than(desk.keys.keys().as_deref()));
        desk.pass(1);
    }
    assert_eq!(desk.fetches(), 2, "the first and the one that is under way");
}

#[tokio::test(start_paused = true)]
async fn the_answer_says_how_long_its_keys_are_fresh_within_bounds() {
    let minutes = |least, most| Duration::from_mins(least)..=Duration::from_mins(most);
    for (cache_control, bounds, due) in [
        (None, None, 600),
        (Some("no-cache"), None, 600),
        (Some("public, max-age=0"), None, 60),
        (Some("public, max-age=59"), None, 60),
        (Some("public, max-age=61, must-revalidate"), None, 61),
        (Some("max-age=86400"), None, 3600),
        (Some("max-age=86400"), Some(minutes(2, 120)), 7200),
        (Some("max-age=1"), Some(minutes(2, 120)), 120),
        (None, Some(minutes(2, 5)), 300),
        (None, Some(minutes(20, 30)), 1200),
    ] {
        let mut keys = JwksKeys::new(URL).unwrap();
        if let Some(bounds) = bounds {
            keys = keys.with_refresh_after(bounds).unwrap();
        }
        let desk = Desk::over(keys);
        let mut answer = Answer::keys(&["a"]);
        if let Some(cache_control) = cache_control {
            answer = answer.with("cache-control", cache_control);
        }
        desk.publish(answer);
        desk.keys.fetch().await.unwrap();
        desk.pass(due - 1);
        desk.at_hand().await;
        assert_eq!(desk.fetches(), 1, "{cache_control:?}, early");
        desk.pass(1);
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
async fn a_document_that_has_not_changed_leaves_the_keys_as_they_are() {
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
        assert_eq!(Arc::ptr_eq(&first, &now), same, "{name}");
    }
    assert_eq!(desk.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_clone_has_the_same_keys() {
    let desk = Desk::with_keys(&["a"]).await;
    let clone = desk.keys.clone();
    desk.publish(Answer::keys(&["a", "b"]));
    clone.fetch().await.unwrap();
    assert!(Arc::ptr_eq(
        &clone.keys().unwrap(),
        &desk.keys.keys().unwrap()
    ));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_was_frozen_with_its_process_is_begun_anew() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.publish(Answer::Hangs);
    desk.pass(600);
    // Begun, and then nobody drives it: the runtime of the task is gone.
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
async fn a_fetch_that_was_given_up_takes_nothing_back() {
    let desk = Desk::new();
    let keys = desk.keys.clone();
    // Begun, and then nobody drives it.
    let frozen = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async { keys.newer_than(None) })
    });
    let given_up = frozen.join().unwrap();
    desk.pass(30);
    tokio::time::advance(Duration::from_secs(10)).await;
    desk.publish(Answer::keys(&["a", "b"]));
    assert_eq!(desk.unknown().await, Told::Keys(2));
    // Those who wait for it have it go on.
    desk.publish(Answer::keys(&["c"]));
    assert_eq!(super::told(given_up).await, Told::Keys(1));
    assert_eq!(desk.at_hand().await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn keys_are_as_old_as_the_fetch_that_brought_them() {
    // Such as where a process is frozen between the question and the answer.
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
async fn a_clock_that_is_set_back_delays_no_fetch_for_long() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.set_back(5);
    desk.at_hand().await;
    assert_eq!(
        desk.unknown().await,
        Told::None,
        "by less than the cooldown"
    );
    assert_eq!(desk.fetches(), 0);
    desk.set_back(600);
    desk.at_hand().await;
    assert_eq!(desk.fetches(), 1, "by more than keys are fresh");
    desk.set_back(1000);
    assert_eq!(
        desk.unknown().await,
        Told::Keys(1),
        "by more than the cooldown"
    );
    desk.set_back(48 * 3600);
    assert_eq!(desk.at_hand().await, None, "nobody knows how old they are");
    assert_eq!(desk.at_hand().await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_task_of_ones_own_keeps_them_fresh_without_a_request() {
    let desk = Desk::with_keys(&["a"]).await;
    let keys = desk.keys.clone();
    let task = tokio::spawn(async move {
        loop {
            // What fails is the observer's to tell.
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
async fn keys_at_hand_are_told_without_an_allocation() {
    let desk = Desk::with_keys(&["a"]).await;
    let mut at_hand = None;
    let cost = allocation_counter::measure(|| at_hand = desk.keys.keys());
    assert_eq!((cost.count_total, at_hand.unwrap().len()), (0, 1));
}
