use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::super::provider::Grant;
use super::*;
use crate::jwt::ClaimSet;

const LONG: Duration = Duration::from_hours(1);

#[derive(Debug, Default)]
struct At(AtomicU64);

impl Clock for At {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Calls that answer with a session of the subject `call 1`, `call 2` and so on, or fail.
struct Desk {
    flights: Flights,
    time: Arc<At>,
    clock: Arc<dyn Clock>,
    calls: Arc<AtomicUsize>,
    gate: Arc<Notify>,
}

#[derive(Clone, Copy)]
enum Call {
    Answers,
    Fails,
    Panics,
    Hangs,
    /// They wait until the gate opens.
    Waits,
}

impl Desk {
    fn new() -> Self {
        let time = Arc::new(At::default());
        Self {
            flights: Flights::default(),
            clock: Arc::clone(&time) as Arc<dyn Clock>,
            time,
            calls: Arc::default(),
            gate: Arc::default(),
        }
    }

    fn ask(
        &self,
        id: u8,
        version: u64,
        remembered: Duration,
        call: Call,
    ) -> impl Future<Output = String> + use<> {
        let (calls, gate) = (Arc::clone(&self.calls), Arc::clone(&self.gate));
        let call = async move {
            let number = calls.fetch_add(1, Ordering::Relaxed) + 1;
            match call {
                Call::Answers => {}
                Call::Fails => return Err(Unkept::Trouble(Trouble::Busy)),
                Call::Panics => panic!("this panic is part of the test"),
                Call::Hangs => std::future::pending().await,
                Call::Waits => gate.notified().await,
            }
            Ok(Arc::new(session(format!("call {number}"))))
        };
        let (flights, clock) = (self.flights.clone(), Arc::clone(&self.clock));
        async move {
            let outcome = flights
                .join([id; 32], version, remembered, &clock, call)
                .await;
            match outcome {
                Ok(session) => session.subject.clone(),
                Err(unkept) => format!("{unkept:?}"),
            }
        }
    }
}

fn session(subject: String) -> Session {
    let grant = Grant {
        claims: ClaimSet::from_object(serde_json::Map::new()),
        subject,
        scopes: Vec::new(),
        access_token: "access".into(),
        refresh_token: None,
        id_token: None,
        expires_at: None,
    };
    Session::begin(grant, false, Seconds::of(UNIX_EPOCH))
}

#[tokio::test]
async fn an_older_state_shares_the_outcome() {
    let desk = Desk::new();
    for (name, at, id, version, told) in [
        ("the first", 0, 1, 7, "call 1"),
        ("the same again", 29, 1, 7, "call 1"),
        ("an older one", 29, 1, 6, "call 1"),
        ("another session", 29, 2, 7, "call 2"),
        ("too late", 30, 1, 7, "call 3"),
        ("the same after that", 31, 1, 7, "call 3"),
        ("what has come of it", 31, 1, 8, "call 4"),
        ("late again, and older", 32, 1, 7, "call 4"),
        ("the clock is set back", 1, 1, 8, "call 5"),
    ] {
        desk.time.0.store(at, Ordering::Relaxed);
        assert_eq!(
            desk.ask(id, version, LONG, Call::Answers).await,
            told,
            "{name}"
        );
    }
}

#[tokio::test]
async fn failures_and_short_outcomes_are_forgotten_sooner() {
    for (name, remembered, call, first_at, then) in [
        ("a failure", LONG, Call::Fails, 4, 5),
        (
            "an answer that counts for ten seconds",
            Duration::from_secs(10),
            Call::Answers,
            9,
            10,
        ),
        (
            "a failure that counts for a second",
            Duration::from_secs(1),
            Call::Fails,
            0,
            1,
        ),
    ] {
        let desk = Desk::new();
        for (at, calls) in [(0, 1), (first_at, 1), (then, 2)] {
            desk.time.0.store(at, Ordering::Relaxed);
            desk.ask(1, 0, remembered, call).await;
            assert_eq!(desk.calls.load(Ordering::Relaxed), calls, "{name}, at {at}");
        }
    }
}

#[tokio::test]
async fn a_shared_call_survives_its_first_request() {
    let desk = Desk::new();
    let first = desk.ask(1, 0, LONG, Call::Waits);
    let mut first = Box::pin(first);
    assert!(first.as_mut().now_or_never().is_none());
    let others: Vec<_> = (0..50)
        .map(|_| tokio::spawn(desk.ask(1, 0, LONG, Call::Waits)))
        .collect();
    drop(first);
    tokio::task::yield_now().await;
    desk.gate.notify_one();
    for other in others {
        assert_eq!(other.await.unwrap(), "call 1");
    }
}

#[tokio::test]
async fn an_abandoned_call_completes() {
    let desk = Desk::new();
    assert!(desk.ask(1, 0, LONG, Call::Waits).now_or_never().is_none());
    desk.gate.notify_one();
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    let landed = desk
        .flights
        .entries()
        .values()
        .all(|entry| entry.landed.is_some());
    assert!(landed, "nobody has asked since");
    assert_eq!(desk.ask(1, 0, LONG, Call::Hangs).await, "call 1");
}

#[tokio::test(start_paused = true)]
async fn an_endless_call_is_cut_off() {
    for call in [Call::Hangs, Call::Panics] {
        let desk = Desk::new();
        assert_eq!(desk.ask(1, 0, LONG, call).await, "Trouble(Lost)");
        tokio::time::advance(TIME_LIMIT).await;
        assert_eq!(desk.ask(1, 0, LONG, Call::Answers).await, "call 2");
    }
}

#[tokio::test]
async fn beyond_the_capacity_requests_call_themselves() {
    let desk = Desk::new();
    let call = || async { Ok(Arc::new(session("any".into()))) };
    let id = |number: usize| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        id
    };
    for number in 1..=CAPACITY + 10 {
        let joined = desk.flights.join(id(number), 0, LONG, &desk.clock, call());
        joined.await.unwrap();
    }
    assert_eq!(desk.flights.entries().len(), CAPACITY);
    for _ in 0..2 {
        desk.ask(0xff, 0, LONG, Call::Answers).await;
    }
    assert_eq!(
        desk.calls.load(Ordering::Relaxed),
        2,
        "there was no room to remember"
    );
    desk.time.0.store(30, Ordering::Relaxed);
    for _ in 0..2 {
        desk.ask(0xff, 0, LONG, Call::Answers).await;
    }
    assert_eq!(desk.calls.load(Ordering::Relaxed), 3, "there is room again");
    assert_eq!(
        desk.flights.entries().len(),
        1,
        "and nothing is kept for longer"
    );
}
