//! `RefreshingCredentials` over a scripted source, by a clock that stands still.
//!
//! Tokio's clock is paused: it advances by itself when every task waits, so that a source that hangs costs
//! no time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use portcullis::Clock;
use portcullis::aws::{
    Credentials, CredentialsError, CredentialsFuture, CredentialsProvider, RefreshingCredentials,
};
use tokio::sync::oneshot;
use tokio_test::{assert_pending, assert_ready};

/// What the source does when it is called.
#[derive(Debug)]
enum Answer {
    /// Gives credentials with this id, which expire at this second.
    Gives(&'static str, u64),
    /// Waits for the signal, and then does this.
    Later(oneshot::Receiver<()>, Box<Answer>),
    Fails,
    Hangs,
    Panics,
}

#[derive(Debug, Default)]
struct Source {
    answers: Mutex<VecDeque<Answer>>,
    calls: AtomicUsize,
}

impl CredentialsProvider for Source {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.lock().unwrap().pop_front();
        CredentialsFuture::new(async move {
            let mut answer = answer.unwrap_or(Answer::Fails);
            while let Answer::Later(told, then) = answer {
                told.await.unwrap();
                answer = *then;
            }
            match answer {
                Answer::Gives(id, expiry) => Ok(credentials(id).with_expires_at(at(expiry))),
                Answer::Panics => panic!("this panic is part of the test"),
                Answer::Hangs => std::future::pending().await,
                _ => Err(CredentialsError::new("out of order")),
            }
        })
    }
}

/// An answer that waits for a signal.
fn later(then: Answer) -> (oneshot::Sender<()>, Answer) {
    let (tell, told) = oneshot::channel();
    (tell, Answer::Later(told, Box::new(then)))
}

#[derive(Clone, Debug, Default)]
struct Seconds(Arc<AtomicU64>);

impl Clock for Seconds {
    fn now(&self) -> SystemTime {
        at(self.0.load(Ordering::Relaxed))
    }
}

fn at(second: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(second)
}

fn credentials(id: &str) -> Credentials {
    Credentials::new(id, "s3cr3t").unwrap()
}

/// The part under test and its surroundings. Credentials that expire at 3600 are refreshed from 3300 to
/// 3450 on, and a failure is followed by a pause of 15 to 30 seconds, as chance has it.
struct Desk {
    refreshing: RefreshingCredentials<Arc<Source>>,
    source: Arc<Source>,
    seconds: Seconds,
    failures: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let source = Arc::new(Source::default());
        let seconds = Seconds::default();
        let failures = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&failures);
        let refreshing = RefreshingCredentials::new(Arc::clone(&source))
            .with_clock(seconds.clone())
            .with_failure_observer(move |error| seen.lock().unwrap().push(error.to_string()));
        let desk = Self {
            refreshing,
            source,
            seconds,
            failures,
        };
        desk.script(answers);
        desk
    }

    fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.source.answers.lock().unwrap().extend(answers);
    }

    fn set_clock(&self, second: u64) {
        self.seconds.0.store(second, Ordering::Relaxed);
    }

    fn calls(&self) -> usize {
        self.source.calls.load(Ordering::Relaxed)
    }

    fn failures(&self) -> usize {
        self.failures.lock().unwrap().len()
    }

    /// The outcome of a request at this second.
    async fn ask(&self, second: u64) -> String {
        self.set_clock(second);
        told(self.refreshing.credentials().await)
    }
}

/// The id, or the message of the error.
fn told(outcome: Result<Credentials, CredentialsError>) -> String {
    match outcome {
        Ok(credentials) => credentials.access_key_id().to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_without_expiry_are_asked_for_once() {
    #[derive(Debug, Default)]
    struct LongTerm(AtomicUsize);
    impl CredentialsProvider for LongTerm {
        fn credentials(&self) -> CredentialsFuture<'_> {
            self.0.fetch_add(1, Ordering::Relaxed);
            CredentialsFuture::ready(Ok(credentials("A")))
        }
    }
    let source = Arc::new(LongTerm::default());
    let seconds = Seconds::default();
    let refreshing = RefreshingCredentials::new(Arc::clone(&source)).with_clock(seconds.clone());
    for second in [0, 1, u64::from(u32::MAX)] {
        seconds.0.store(second, Ordering::Relaxed);
        assert_eq!(told(refreshing.credentials().await), "A", "{second}");
    }
    assert_eq!(source.0.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_share_one_call() {
    let error = "out of order";
    let desk = Desk::new([]);
    for (name, second, answer, expected, failures) in [
        ("a failure", 0, Answer::Fails, error, 1),
        ("the first credentials", 0, Answer::Gives("A", 3600), "A", 1),
        ("a failure after the expiry", 3600, Answer::Fails, error, 2),
        (
            "the next credentials",
            3600,
            Answer::Gives("B", 7200),
            "B",
            2,
        ),
    ] {
        let calls = desk.calls() + 1;
        let (tell, answer) = later(answer);
        desk.script([answer]);
        desk.set_clock(second);
        let mut requests: Vec<_> = (0..100)
            .map(|_| desk.refreshing.clone())
            .map(|clone| tokio_test::task::spawn(async move { clone.credentials().await }))
            .collect();
        for request in &mut requests {
            assert_pending!(request.poll(), "{name}");
        }
        tell.send(()).unwrap();
        for request in &mut requests {
            assert!(request.is_woken(), "{name}");
            assert_eq!(told(assert_ready!(request.poll())), expected, "{name}");
        }
        assert_eq!((desk.calls(), desk.failures()), (calls, failures), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn new_credentials_come_before_the_old_expire() {
    let desk = Desk::new([Answer::Gives("A", 3600), Answer::Gives("B", 7200)]);
    for (second, expected, calls) in [
        (0, "A", 1),
        (3299, "A", 1),
        (3450, "B", 2),
        (3600, "B", 2),
        (6899, "B", 2),
    ] {
        assert_eq!(desk.ask(second).await, expected, "{second}");
        assert_eq!(desk.calls(), calls, "{second}");
    }
    assert_eq!(desk.failures(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_fleet_does_not_refresh_at_once() {
    let mut moments = BTreeSet::new();
    for _ in 0..40 {
        let source = Arc::new(Source::default());
        let answers = [Answer::Gives("A", 3600), Answer::Gives("B", 7200)];
        source.answers.lock().unwrap().extend(answers);
        let seconds = Seconds::default();
        let gateway = RefreshingCredentials::new(source).with_clock(seconds.clone());
        gateway.credentials().await.unwrap();
        for second in 3299..3600 {
            seconds.0.store(second, Ordering::Relaxed);
            if told(gateway.credentials().await) == "B" {
                moments.insert(second);
                break;
            }
        }
    }
    assert!(*moments.first().unwrap() >= 3300, "{moments:?}");
    assert!(*moments.last().unwrap() <= 3451, "{moments:?}");
    assert!(moments.len() > 10, "{moments:?}");
}

#[tokio::test(start_paused = true)]
async fn the_last_credentials_serve_until_they_expire() {
    type Make = fn() -> Answer;
    let rows: [(&str, Make, &str); 4] = [
        ("fails", || Answer::Fails, "out of order"),
        (
            "hangs",
            || Answer::Hangs,
            "the source of credentials has not answered in time",
        ),
        (
            "panics",
            || Answer::Panics,
            "the source of credentials has panicked",
        ),
        (
            "gives what has expired",
            || Answer::Gives("OLD", 3450),
            "the source gave credentials that have expired",
        ),
    ];
    for (name, answer, error) in rows {
        let desk = Desk::new([
            Answer::Gives("A", 3600),
            answer(),
            answer(),
            answer(),
            answer(),
        ]);
        for (second, expected, calls) in [
            (0, "A", 1),
            (3450, "A", 2),
            // The pause after a failure.
            (3464, "A", 2),
            (3480, "A", 3),
            (3599, "A", 4),
            (3600, error, 5),
        ] {
            assert_eq!(desk.ask(second).await, expected, "{name}, {second}");
            assert_eq!(desk.calls(), calls, "{name}, {second}");
        }
        assert_eq!(*desk.failures.lock().unwrap(), [error; 4], "{name}");
        desk.script([Answer::Gives("B", 7200)]);
        assert_eq!(desk.ask(3600).await, "B", "{name}, when it is mended");
        assert_eq!(desk.failures(), 4, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_cut_off() {
    let mut desk = Desk::new([Answer::Hangs, Answer::Hangs]);
    for (limit, elapsed) in [(None, 5), (Some(2), 2)] {
        if let Some(limit) = limit {
            desk.refreshing = desk.refreshing.with_timeout(Duration::from_secs(limit));
        }
        let begun = tokio::time::Instant::now();
        let told = desk.ask(0).await;
        assert_eq!(told, "the source of credentials has not answered in time");
        assert_eq!(begun.elapsed().as_secs(), elapsed);
    }
}

#[tokio::test(start_paused = true)]
async fn only_one_waits_while_credentials_are_good() {
    let (tell, answer) = later(Answer::Gives("B", 7200));
    let desk = Desk::new([Answer::Gives("A", 3600), answer]);
    desk.ask(0).await;
    desk.set_clock(3450);
    let mut asks = tokio_test::task::spawn(desk.refreshing.credentials());
    assert_pending!(asks.poll());
    for _ in 0..3 {
        let mut other = tokio_test::task::spawn(desk.refreshing.credentials());
        assert_eq!(told(assert_ready!(other.poll())), "A");
    }
    // Once they have expired, the others wait as well.
    desk.set_clock(3600);
    let mut late = tokio_test::task::spawn(desk.refreshing.credentials());
    assert_pending!(late.poll());
    tell.send(()).unwrap();
    assert_eq!(told(asks.await), "B");
    assert_eq!(told(late.await), "B");
    assert_eq!(desk.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_stops_no_call() {
    // The second of the clock when the client begins and goes away, and what had been kept before.
    for (name, second, kept) in [
        ("nothing kept", 0, None),
        ("early", 3450, Some("A")),
        ("expired", 3600, Some("A")),
    ] {
        let (tell, answer) = later(Answer::Gives("B", 7200));
        let first = kept.map(|id| Answer::Gives(id, 3600));
        let desk = Desk::new(first.into_iter().chain([answer]));
        if kept.is_some() {
            desk.ask(0).await;
        }
        let calls = desk.calls() + 1;
        desk.set_clock(second);
        let mut starter = tokio_test::task::spawn(desk.refreshing.credentials());
        assert_pending!(starter.poll());
        assert_pending!(starter.poll());
        drop(starter);

        let mut next = tokio_test::task::spawn(desk.refreshing.credentials());
        assert_pending!(next.poll(), "{name}");
        tell.send(()).unwrap();
        assert!(next.is_woken(), "{name}");
        assert_eq!(told(assert_ready!(next.poll())), "B", "{name}");
        assert_eq!(desk.calls(), calls, "{name}");
        assert_eq!(desk.ask(second).await, "B", "{name}");
        assert_eq!((desk.calls(), desk.failures()), (calls, 0), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn waiters_are_woken_if_the_first_leaves() {
    let (tell, answer) = later(Answer::Gives("A", 3600));
    let desk = Desk::new([answer]);
    let mut starter = tokio_test::task::spawn(desk.refreshing.credentials());
    assert_pending!(starter.poll());
    let other = desk.refreshing.clone();
    let waits = tokio::spawn(async move { told(other.credentials().await) });
    tokio::task::yield_now().await;
    drop(starter);
    tell.send(()).unwrap();
    assert_eq!(waits.await.unwrap(), "A");
    assert_eq!(desk.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_call_is_begun_anew() {
    for (name, wait, calls, expected) in [
        (
            "in time",
            4,
            1,
            "the source of credentials has not answered in time",
        ),
        ("too late", 5, 2, "A"),
    ] {
        let desk = Desk::new([Answer::Hangs, Answer::Gives("A", 3600)]);
        let mut starter = tokio_test::task::spawn(desk.refreshing.credentials());
        assert_pending!(starter.poll());
        drop(starter);
        tokio::time::advance(Duration::from_secs(wait)).await;
        assert_eq!(desk.ask(0).await, expected, "{name}");
        assert_eq!(desk.calls(), calls, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_repeats_itself_is_spared() {
    // Instance metadata may give the same credentials until a few minutes before they expire.
    let desk = Desk::new((0..9).map(|_| Answer::Gives("A", 200)));
    for (second, calls) in [
        (0, 1),
        (1, 1),
        (14, 1),
        (50, 2),
        (51, 2),
        (100, 3),
        (199, 4),
    ] {
        assert_eq!(desk.ask(second).await, "A", "{second}");
        assert_eq!(desk.calls(), calls, "{second}");
    }
    for _ in 0..2 {
        assert!(desk.ask(200).await.contains("expired"));
    }
    assert_eq!(
        desk.calls(),
        6,
        "one call for each request that finds none, and no more"
    );
}

#[test]
fn no_secret_is_printed() {
    let refreshing = RefreshingCredentials::new(credentials("A").with_expires_at(at(1)));
    assert_eq!(
        format!("{refreshing:?}"),
        "RefreshingCredentials { source: Credentials { access_key_id: \"A\", .. }, \
         timeout: 5s, .. }"
    );
}
