//! Tokens that name unknown keys.

use portcullis::jwt::{KeySource, NewerKeys};
use tokio_test::{assert_pending, assert_ready};

use super::{Desk, Newer, newer, settle};
use crate::support::fake_provider::Answer;

#[tokio::test(start_paused = true)]
async fn a_flood_costs_one_fetch() {
    let desk = Desk::with_keys(&["a"]).await;
    for round in 0..3 {
        desk.pass(30);
        desk.provider.hold(true);
        let unknown: Vec<_> = (0..1000)
            .map(|_| {
                let keys = desk.keys.clone();
                tokio::spawn(async move {
                    let seen = keys.keys();
                    newer(keys.newer_than(seen.as_ref())).await
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
            assert_eq!(token.await.unwrap(), Newer::Keys(1));
        }
        // Later tokens get their answer at once.
        for second in 0..30 {
            assert_eq!(desk.unknown().await, Newer::None, "{second}");
            desk.pass(1);
        }
        desk.set_back(30);
        assert_eq!(desk.fetches(), 1, "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_token_fetches_within_the_cooldown() {
    // The answer, and the outcome for tokens during its fetch and in the cooldown after it.
    for (name, answer, fetched, after) in [
        ("keys", Answer::keys(&["a"]), Newer::Keys(1), Newer::None),
        (
            "no keys",
            Answer::keys(&[]),
            Newer::Lost,
            Newer::Unavailable,
        ),
        (
            "an object",
            Answer::ok("{}"),
            Newer::Lost,
            Newer::Unavailable,
        ),
        (
            "a failure",
            Answer::status(500),
            Newer::Lost,
            Newer::Unavailable,
        ),
        ("nobody", Answer::Breaks, Newer::Lost, Newer::Unavailable),
        ("a panic", Answer::Panics, Newer::Lost, Newer::Unavailable),
        ("silence", Answer::Hangs, Newer::Lost, Newer::Unavailable),
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
async fn a_new_key_is_accepted_within_one_cooldown() {
    let desk = Desk::with_keys(&["a"]).await;
    desk.pass(30);
    assert_eq!(desk.unknown().await, Newer::Keys(1), "made up");
    // The keys are rotated right after the fetch that the made-up token caused.
    desk.publish(Answer::keys(&["a", "b"]));
    for _ in 0..29 {
        desk.pass(1);
        assert_eq!(desk.unknown().await, Newer::None);
    }
    desk.pass(1);
    assert_eq!(desk.unknown().await, Newer::Keys(2));
    assert_eq!(desk.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn newer_keys_are_returned_without_a_fetch() {
    let desk = Desk::with_keys(&["a"]).await;
    let old = desk.keys.keys();
    desk.publish(Answer::keys(&["a", "b"]));
    desk.keys.fetch().await.unwrap();
    assert_eq!(desk.fetches(), 1);
    assert_eq!(
        newer(desk.keys.newer_than(old.as_ref())).await,
        Newer::Keys(2)
    );
    assert_eq!(newer(desk.keys.newer_than(None)).await, Newer::Keys(2));
    assert_eq!(desk.unknown().await, Newer::None);
    assert_eq!(desk.fetches(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_leaves_stops_no_fetch() {
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
    assert!(brought.ptr_eq(&at_hand));
    assert_eq!(desk.fetches(), 1);

    // The same if nobody is left.
    let desk = Desk::new();
    desk.publish(Answer::keys(&["a"]));
    drop(desk.keys.newer_than(None));
    settle().await;
    assert_eq!(desk.at_hand().await, Some(1));
    assert_eq!(desk.fetches(), 1);
}

#[test]
fn keys_at_hand_need_no_runtime() {
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
    // In a runtime they are fetched.
    desk.publish(Answer::keys(&["a", "b"]));
    assert_eq!(runtime().block_on(desk.at_hand()), Some(1));
    assert_eq!(desk.keys.keys().unwrap().len(), 2);
}

#[test]
fn a_fetch_whose_runtime_is_gone_fails() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    let desk = Desk::new();
    desk.publish(Answer::Hangs);
    let first = runtime();
    let coming = first.block_on(async {
        let newer = desk.keys.newer_than(None);
        settle().await;
        newer
    });
    assert_eq!(desk.fetches(), 1);
    drop(first);
    assert_eq!(runtime().block_on(newer(coming)), Newer::Lost);
    assert_eq!(desk.failures().len(), 1);
    desk.publish(Answer::keys(&["a"]));
    desk.pass(30);
    assert_eq!(runtime().block_on(desk.unknown()), Newer::Keys(1));
}
