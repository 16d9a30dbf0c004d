//! Tokens that name keys which are not there.

use std::sync::Arc;

use portcullis::jwt::{KeySource, NewerKeys};
use tokio_test::{assert_pending, assert_ready};

use super::{Desk, Told, settle, told};
use crate::support::fake_provider::Answer;

#[tokio::test(start_paused = true)]
async fn a_thousand_at_a_time_cost_one_fetch_and_no_good_token_waits() {
    let desk = Desk::with_keys(&["a"]).await;
    for round in 0..3 {
        desk.pass(30);
        desk.provider.hold(true);
        let unknown: Vec<_> = (0..1000)
            .map(|_| {
                let keys = desk.keys.clone();
                tokio::spawn(async move {
                    let seen = keys.keys();
                    told(keys.newer_than(seen.as_deref())).await
                })
            })
            .collect();
        settle().await;
        for _ in 0..1000 {
            assert_eq!(
                desk.at_hand().await,
                Some(1),
                "while the fetch is under way"
            );
        }
        desk.provider.hold(false);
        for token in unknown {
            assert_eq!(token.await.unwrap(), Told::Keys(1));
        }
        // Those that come when it is done are told at once.
        for second in 0..30 {
            assert_eq!(desk.unknown().await, Told::None, "{second}");
            desk.pass(1);
        }
        desk.set_back(30);
        assert_eq!(desk.fetches(), 1, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_past_the_cooldown() {
    // What is published, and what tokens are told by a fetch of it and in the cooldown after it.
    for (name, answer, fetched, after) in [
        ("keys", Answer::keys(&["a"]), Told::Keys(1), Told::None),
        ("no keys", Answer::keys(&[]), Told::Lost, Told::Unavailable),
        ("an object", Answer::ok("{}"), Told::Lost, Told::Unavailable),
        (
            "a failure",
            Answer::status(500),
            Told::Lost,
            Told::Unavailable,
        ),
        ("nobody", Answer::Breaks, Told::Lost, Told::Unavailable),
        ("a panic", Answer::Panics, Told::Lost, Told::Unavailable),
        ("silence", Answer::Hangs, Told::Lost, Told::Unavailable),
    ] {
        for (keys, desk) in [
            ("without keys", Desk::new()),
            ("with keys", Desk::with_keys(&["a"]).await),
        ] {
            desk.pass(30);
            desk.publish(answer.clone());
            for round in 0..2 {
                assert_eq!(desk.unknown().await, fetched, "{name} {keys}, {round}");
                for second in 0..30 {
                    assert_eq!(desk.unknown().await, after, "{name} {keys}, {second}");
                    desk.pass(1);
                }
                assert_eq!(desk.fetches(), 1, "{name} {keys}, {round}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_taken_within_one_cooldown_whatever_else_is_asked() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.pass(30);
    assert_eq!(desk.unknown().await, Told::Keys(1), "made up");
    // It is rotated right after the fetch that the made-up token has cost.
    desk.publish(Answer::keys(&["a", "b"]));
    for _ in 0..29 {
        desk.pass(1);
        assert_eq!(desk.unknown().await, Told::None);
    }
    desk.pass(1);
    assert_eq!(desk.unknown().await, Told::Keys(2));
    assert_eq!(desk.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_has_looked_at_older_keys_is_given_the_newer_ones_and_no_fetch() {
    let desk = Desk::with_keys(&["a"]).await;
    let old = desk.keys.keys();
    desk.publish(Answer::keys(&["a", "b"]));
    desk.keys.fetch().await.unwrap();
    assert_eq!(desk.fetches(), 1);
    assert_eq!(
        told(desk.keys.newer_than(old.as_deref())).await,
        Told::Keys(2)
    );
    assert_eq!(told(desk.keys.newer_than(None)).await, Told::Keys(2));
    assert_eq!(desk.unknown().await, Told::None);
    assert_eq!(desk.fetches(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_goes_away_neither_stops_the_fetch_nor_loses_it() {
    let desk = Desk::new();
    desk.publish(Answer::keys(&["a"]));
    desk.provider.hold(true);
    let NewerKeys::Later(later) = desk.keys.newer_than(None) else {
        panic!("there are none yet");
    };
    let mut starter = tokio_test::task::spawn(later);
    assert_pending!(starter.poll());
    let NewerKeys::Later(later) = desk.keys.newer_than(None) else {
        panic!("there are none yet");
    };
    let mut other = tokio_test::task::spawn(later);
    assert_pending!(other.poll());
    drop(starter);
    desk.provider.hold(false);
    settle().await;
    assert!(other.is_woken());
    let brought = assert_ready!(other.poll()).unwrap();
    let at_hand = desk.keys.keys().unwrap();
    assert!(Arc::ptr_eq(&brought, &at_hand));
    assert_eq!(desk.fetches(), 1);

    // Nor where nobody is left.
    let desk = Desk::new();
    desk.publish(Answer::keys(&["a"]));
    drop(desk.keys.newer_than(None));
    settle().await;
    assert_eq!(desk.at_hand().await, Some(1));
    assert_eq!(desk.fetches(), 1);
}

#[test]
fn a_call_outside_of_a_runtime_is_told_what_is_at_hand() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let desk = Desk::new();
    let outside = |desk: &Desk| matches!(desk.keys.newer_than(None), NewerKeys::Unavailable);
    assert!(desk.keys.keys().is_none() && outside(&desk));
    desk.publish(Answer::keys(&["a"]));
    runtime().block_on(desk.keys.fetch()).unwrap();
    desk.pass(600);
    assert_eq!(desk.keys.keys().unwrap().len(), 1);
    assert_eq!(desk.fetches(), 1);
    // In a runtime it goes on.
    desk.publish(Answer::keys(&["a", "b"]));
    assert_eq!(runtime().block_on(desk.at_hand()), Some(1));
    assert_eq!(desk.keys.keys().unwrap().len(), 2);
}

#[test]
fn a_fetch_whose_runtime_is_gone_fails_for_those_who_wait_elsewhere() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let desk = Desk::new();
    desk.publish(Answer::Hangs);
    let first = runtime();
    let newer = first.block_on(async {
        let newer = desk.keys.newer_than(None);
        settle().await;
        newer
    });
    assert_eq!(desk.fetches(), 1);
    drop(first);
    assert_eq!(runtime().block_on(told(newer)), Told::Lost);
    assert_eq!(desk.failures().len(), 1);
    desk.publish(Answer::keys(&["a"]));
    desk.pass(30);
    assert_eq!(runtime().block_on(desk.unknown()), Told::Keys(1));
}
