use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

use super::{Answer, Flight, Lost, Newer, Refresh, Source, Step};

/// The outcome of a call.
#[derive(Debug)]
enum Reply {
    Brings(u32),
    Fails,
    Withdraws,
    Hangs,
    Panics,
    /// Waits for the message, and then brings this.
    Later(oneshot::Receiver<()>, u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    Failed,
    Withdrawn,
    Lost(Lost),
}

impl From<Lost> for Fault {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

/// Brings numbers that are due after 60 seconds and good for 100, by a clock that stands still.
#[derive(Clone, Default)]
struct Desk {
    refresh: Refresh<u32, Fault>,
    shared: Arc<Shared>,
    cooldown: u64,
    pause: u64,
    alone_limit: Option<u64>,
}

#[derive(Default)]
struct Shared {
    seconds: AtomicU64,
    calls: AtomicUsize,
    failures: AtomicUsize,
    replies: Mutex<VecDeque<Reply>>,
}

impl Source for Desk {
    type Value = u32;
    type Error = Fault;

    fn now(&self) -> SystemTime {
        let seconds = self.shared.seconds.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn ask(
        &self,
        _last: Option<&u32>,
    ) -> impl Future<Output = Result<Answer<u32>, Fault>> + Send + use<> + 'static {
        let shared = Arc::clone(&self.shared);
        async move {
            shared.calls.fetch_add(1, Ordering::Relaxed);
            let reply = shared.replies.lock().expect("no panic").pop_front();
            let value = match reply {
                Some(Reply::Brings(value)) => value,
                Some(Reply::Later(told, value)) => {
                    told.await.expect("a signal");
                    value
                }
                Some(Reply::Hangs) => std::future::pending().await,
                Some(Reply::Panics) => panic!("this panic is part of the test"),
                Some(Reply::Withdraws) => return Err(Fault::Withdrawn),
                Some(Reply::Fails) | None => return Err(Fault::Failed),
            };
            Ok(Answer {
                value,
                refresh_after: Duration::from_mins(1),
                good_for: Duration::from_secs(100),
            })
        }
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(10)
    }

    fn alone_limit(&self) -> Duration {
        let limit = self.alone_limit.map(Duration::from_secs);
        limit.unwrap_or(self.time_limit())
    }

    fn cooldown(&self) -> Duration {
        Duration::from_secs(self.cooldown)
    }

    fn pause(&self, good: Option<&u32>) -> Duration {
        Duration::from_secs(if good.is_some() { self.pause } else { 0 })
    }

    fn withdraws(&self, error: &Fault) -> bool {
        *error == Fault::Withdrawn
    }

    fn failed(&self, _error: &Fault) {
        // No lock is held here.
        drop(self.refresh.step(self));
        self.shared.failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl Desk {
    fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared
            .replies
            .lock()
            .expect("no panic")
            .extend(replies);
    }

    fn at(&self, second: u64) -> &Self {
        self.shared.seconds.store(second, Ordering::Relaxed);
        self
    }

    async fn get(&self) -> Result<u32, Fault> {
        self.refresh.get(self).await
    }

    fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::Relaxed)
    }

    fn failures(&self) -> usize {
        self.shared.failures.load(Ordering::Relaxed)
    }
}

fn later(value: u32) -> (oneshot::Sender<()>, Reply) {
    let (tell, told) = oneshot::channel();
    (tell, Reply::Later(told, value))
}

#[tokio::test(start_paused = true)]
async fn a_value_is_asked_for_again_when_due() {
    let desk = Desk::default();
    desk.script([1, 2, 3, 4].map(Reply::Brings));
    // The second, the value, the calls.
    for (second, value, calls) in [
        (1000, 1, 1),
        (1059, 1, 1),
        (1060, 2, 2),
        (1119, 2, 2),
        // A clock that is set back by less than the limit, and by more.
        (1001, 2, 2),
        (1000, 3, 3),
        (9000, 4, 4),
    ] {
        assert_eq!(desk.at(second).get().await, Ok(value), "{second}");
        assert_eq!(desk.calls(), calls, "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_value_serves_while_calls_fail() {
    for (name, reply, fault) in [
        ("fails", (|| Reply::Fails) as fn() -> Reply, Fault::Failed),
        ("hangs", || Reply::Hangs, Fault::Lost(Lost::TimedOut)),
        ("panics", || Reply::Panics, Fault::Lost(Lost::Panicked)),
    ] {
        let desk = Desk {
            pause: 20,
            ..Desk::default()
        };
        desk.script([Reply::Brings(1), reply(), reply(), reply(), reply()]);
        let gone = Err(fault);
        for (second, expected, calls) in [
            (0, Ok(1), 1),
            (60, Ok(1), 2),
            (79, Ok(1), 2),
            (80, Ok(1), 3),
            (99, Ok(1), 3),
            (100, gone.clone(), 4),
            (100, gone.clone(), 5),
        ] {
            assert_eq!(desk.at(second).get().await, expected, "{name}, {second}");
            assert_eq!(desk.calls(), calls, "{name}, {second}");
        }
        assert_eq!(desk.failures(), 4, "{name}");
        desk.script([Reply::Brings(2)]);
        assert_eq!(desk.get().await, Ok(2), "{name}, mended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_value_serves_no_longer() {
    let desk = Desk::default();
    desk.script([
        Reply::Brings(1),
        Reply::Fails,
        Reply::Withdraws,
        Reply::Fails,
        Reply::Brings(2),
    ]);
    for (name, second, expected) in [
        ("the first", 0, Ok(1)),
        ("a failure", 60, Ok(1)),
        ("withdrawn", 61, Err(Fault::Withdrawn)),
        ("a failure after that", 62, Err(Fault::Failed)),
        ("a new value", 63, Ok(2)),
    ] {
        assert_eq!(desk.at(second).get().await, expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_counts_for_its_cooldown() {
    let desk = Desk {
        cooldown: 5,
        ..Desk::default()
    };
    desk.script([Reply::Fails, Reply::Brings(1), Reply::Fails]);
    for (second, expected, calls) in [
        (0, Err(Fault::Failed), 1),
        (4, Err(Fault::Failed), 1),
        (5, Ok(1), 2),
        (65, Ok(1), 3),
        (69, Ok(1), 3),
    ] {
        assert_eq!(desk.at(second).get().await, expected, "{second}");
        assert_eq!(desk.calls(), calls, "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_caller_waits_while_the_value_is_good() {
    let desk = Desk::default();
    let (tell, reply) = later(1);
    desk.script([reply]);
    let mut all: Vec<_> = (0..3).map(|_| spawn(desk.get())).collect();
    for one in &mut all {
        assert_pending!(one.poll());
    }
    tell.send(()).unwrap();
    for one in &mut all {
        assert_eq!(assert_ready!(one.poll()), Ok(1));
    }
    let (tell, reply) = later(2);
    desk.script([reply]);
    let mut asks = spawn(desk.at(60).get());
    assert_pending!(asks.poll());
    assert_eq!(desk.get().await, Ok(1));
    let mut late = spawn(desk.at(100).get());
    assert_pending!(late.poll());
    tell.send(()).unwrap();
    assert_eq!((asks.await, late.await), (Ok(2), Ok(2)));
    assert_eq!(desk.calls(), 2);
    // The value is as old as the beginning of its call.
    desk.script([Reply::Brings(3)]);
    assert_eq!(desk.at(119).get().await, Ok(2));
    assert_eq!(desk.at(120).get().await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn a_call_is_joined_within_its_limits() {
    // The limit for a call that was left, whether somebody stays, the seconds that pass, and whether the
    // next caller joins it.
    for (name, alone_limit, stays, passed, joins) in [
        ("left", None, false, 9, true),
        ("left for as long as it may take", None, false, 10, false),
        ("left within a limit of its own", Some(1), false, 0, true),
        ("left for longer", Some(1), false, 1, false),
        ("waited for", Some(1), true, 9, true),
        ("waited for past its time", Some(1), true, 10, false),
    ] {
        let desk = Desk {
            alone_limit,
            ..Desk::default()
        };
        desk.script([Reply::Hangs, Reply::Brings(2)]);
        let mut first = spawn(desk.get());
        assert_pending!(first.poll(), "{name}");
        let first = stays.then_some(first);
        tokio::time::advance(Duration::from_secs(passed)).await;
        let found = desk.get().await;
        assert_eq!(found.is_err(), joins, "{name}");
        assert_eq!(desk.calls(), if joins { 1 } else { 2 }, "{name}");
        drop(first);
    }
}

#[tokio::test(start_paused = true)]
async fn the_outcome_of_a_replaced_call_is_dropped() {
    let desk = Desk::default();
    let (tell, reply) = later(1);
    desk.script([reply, Reply::Brings(2)]);
    let mut old = spawn(desk.get());
    assert_pending!(old.poll());
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(desk.get().await, Ok(2));
    tell.send(()).unwrap();
    assert_eq!(old.await, Ok(1));
    assert_eq!(desk.get().await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_value_at_hand() {
    let desk = Desk {
        cooldown: 5,
        ..Desk::default()
    };
    let at_hand = async |second| {
        let value = desk.refresh.at_hand(desk.at(second), |value| *value);
        tokio::task::yield_now().await;
        value
    };
    desk.script([Reply::Brings(1), Reply::Fails, Reply::Brings(2)]);
    assert_eq!(at_hand(0).await, None);
    assert_eq!(desk.calls(), 0, "nothing is asked for before it is needed");
    assert_eq!(desk.refresh.call(&desk).await, Ok(1));
    for (second, value, calls) in [
        (59, Some(1), 1),
        (60, Some(1), 2),
        (64, Some(1), 2),
        (65, Some(1), 3),
        (65, Some(2), 3),
        (165, None, 4),
    ] {
        assert_eq!(at_hand(second).await, value, "{second}");
        assert_eq!(desk.calls(), calls, "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_value_is_requested_once_per_cooldown() {
    async fn told(desk: &Desk, newer: Newer<u32, Fault>) -> String {
        let wait = |flight: Flight<_>| desk.refresh.outcome(desk, flight);
        match newer {
            Newer::Kept(value) => format!("kept {value}"),
            Newer::Coming(flight) => format!("{:?}", wait(flight).await),
            Newer::None => "none".to_owned(),
            Newer::Unavailable => "unavailable".to_owned(),
        }
    }
    let desk = Desk {
        cooldown: 5,
        ..Desk::default()
    };
    desk.script([
        Reply::Fails,
        Reply::Brings(1),
        Reply::Brings(2),
        Reply::Hangs,
    ]);
    // The second, the value that was seen, what becomes of it, the calls.
    for (second, seen, expected, calls) in [
        (0, None, "Err(Failed)", 1),
        (4, None, "unavailable", 1),
        (5, None, "Ok(1)", 2),
        (6, None, "kept 1", 2),
        (6, Some(1), "none", 2),
        (10, Some(1), "Ok(2)", 3),
        (10, Some(1), "kept 2", 3),
        (10, Some(2), "none", 3),
        (15, Some(2), "Err(Lost(TimedOut))", 4),
        (16, Some(2), "unavailable", 4),
    ] {
        let newer = desk
            .refresh
            .newer(desk.at(second), |value| Some(*value) != seen);
        assert_eq!(told(&desk, newer).await, expected, "{second}, {seen:?}");
        assert_eq!(desk.calls(), calls, "{second}, {seen:?}");
    }
}

#[test]
fn no_task_begins_outside_of_a_runtime() {
    let desk = Desk::default();
    let newer = desk.refresh.newer(&desk, |_| true);
    assert!(matches!(newer, Newer::Unavailable));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    desk.script([Reply::Brings(1)]);
    assert_eq!(runtime.block_on(desk.get()), Ok(1));
    assert_eq!(desk.refresh.at_hand(desk.at(60), |value| *value), Some(1));
    assert_eq!(desk.calls(), 1);
    assert!(matches!(desk.refresh.step(desk.at(60)), Step::Wait(_)));
}
