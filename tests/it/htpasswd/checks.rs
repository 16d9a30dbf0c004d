use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use portcullis::gate::{Decision, PasswordVerifier, RefusalReason, Verdict};
use portcullis::htpasswd::{CheckPool, HtpasswdTable, HtpasswdUsers};
use portcullis::{BasicAuthLayer, Clock};

use super::{APR1, SHA, UNKNOWN, admits, remembers, verdict};
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;
use crate::support::{basic, get, through};

/// Users whose one thread is busy until it is released: it runs the observer of a change.
pub(super) struct Busy {
    pub(super) users: HtpasswdUsers,
    pub(super) go: Sender<()>,
    _file: TestFile,
}

impl Busy {
    pub(super) fn new(name: &str, queue_length: usize) -> Self {
        let file = TestFile::new(name, "");
        let (entered, at_it) = channel();
        let (go, word) = channel();
        let (entered, word): (_, Mutex<Receiver<()>>) = (Mutex::new(entered), Mutex::new(word));
        let clock = StandingClock::new();
        let users = HtpasswdUsers::from_file(&file.path)
            .unwrap()
            .with_clock(clock)
            .with_pool(CheckPool::new(1).unwrap().with_queue_length(queue_length))
            .with_reload_observer(move |_| {
                entered.lock().unwrap().send(()).unwrap();
                // An error is a word as well: the test is over.
                let _: Result<(), _> = word.lock().unwrap().recv();
            });
        file.replace(format!("ana:{SHA}\nab:{SHA}\n"));
        // Makes a thread check the file; its verdict is not awaited.
        drop(users.verify("nobody", "x", UNKNOWN));
        at_it.recv_timeout(Duration::from_mins(1)).unwrap();
        Self {
            users,
            go,
            _file: file,
        }
    }
}

/// A refusal at once, since there is no room for another check.
pub(super) fn is_full(decision: &Decision) -> bool {
    matches!(decision, Decision::Now(Verdict::Refuse(refusal)) if refusal.status() == 503)
}

#[tokio::test]
async fn equal_requests_wait_for_one_check() {
    // There is room for one check.
    let busy = Busy::new("equal", 0);
    let burst: Vec<_> = (0..50)
        .map(|_| verdict(busy.users.verify("ana", "s3cret", UNKNOWN)))
        .collect();
    for (user, password) in [("ana", "guess"), ("ab", "s3cret"), ("anas", "3cret")] {
        let other = busy.users.verify(user, password, UNKNOWN);
        assert!(is_full(&other), "{user}:{password} is not the same");
    }
    busy.go.send(()).unwrap();
    for (i, verdict) in join_all(burst).await.into_iter().enumerate() {
        assert!(matches!(verdict, Verdict::Admit(_)), "{i}");
    }
}

#[tokio::test]
async fn a_name_and_a_password_are_told_apart() {
    let busy = Busy::new("apart", 1);
    let first = busy.users.verify("ab", "c", UNKNOWN);
    let second = busy.users.verify("a", "bc", UNKNOWN);
    assert!(matches!(first, Decision::Later(_)));
    assert!(matches!(second, Decision::Later(_)));
    assert!(
        is_full(&busy.users.verify("abc", "d", UNKNOWN)),
        "both take a place"
    );
}

#[tokio::test]
async fn a_disconnected_client_does_not_end_shared_checks() {
    let busy = Busy::new("goes-away", 0);
    let first = busy.users.verify("ana", "s3cret", UNKNOWN);
    let second = busy.users.verify("ana", "s3cret", UNKNOWN);
    drop(first);
    busy.go.send(()).unwrap();
    assert!(matches!(verdict(second).await, Verdict::Admit(_)));
}

#[tokio::test]
async fn a_check_without_waiting_clients_is_skipped() {
    let busy = Busy::new("left-out", 1);
    drop(busy.users.verify("ana", "s3cret", UNKNOWN));
    let behind = busy.users.verify("ab", "s3cret", UNKNOWN);
    busy.go.send(()).unwrap();
    assert!(matches!(verdict(behind).await, Verdict::Admit(_)));
    assert!(remembers(&busy.users, "ab", "s3cret"));
    assert!(!remembers(&busy.users, "ana", "s3cret"));
    assert!(
        admits(&busy.users, "ana", "s3cret").await,
        "and can be asked again"
    );
}

#[tokio::test]
async fn a_check_that_panics_is_503_and_repeatable() {
    /// Panics the first time that a thread which checks passwords asks for the time.
    #[derive(Debug)]
    struct PanicsOnce(AtomicBool);
    impl Clock for PanicsOnce {
        fn now(&self) -> SystemTime {
            let checks = thread::current().name() == Some("htpasswd");
            assert!(
                !checks || self.0.swap(true, Ordering::Relaxed),
                "this panic is part of the test"
            );
            SystemTime::UNIX_EPOCH
        }
    }
    let table = HtpasswdTable::parse(format!("ana:{SHA}").as_bytes()).unwrap();
    let clock = PanicsOnce(AtomicBool::new(false));
    let users = HtpasswdUsers::new(table).with_clock(clock);
    let Verdict::Refuse(refusal) = verdict(users.verify("ana", "s3cret", UNKNOWN)).await else {
        panic!("nothing was found out");
    };
    assert_eq!(refusal.status(), 503);
    assert!(admits(&users, "ana", "s3cret").await);
}

#[tokio::test]
async fn a_full_queue_is_503_with_retry_after() {
    let busy = Busy::new("full", 0);
    let layer = BasicAuthLayer::new("packages", busy.users.clone()).unwrap();
    let held = busy.users.verify("ana", "s3cret", UNKNOWN);
    let ask = async |user| {
        through(
            &layer,
            get("/", &[("authorization", &basic(user, "guess"))]),
        )
        .await
    };
    for user in ["ana", "unknown"] {
        let answer = ask(user).await;
        assert_eq!(answer.status, 503, "{user}");
        assert_eq!(answer.header("retry-after"), Some("1"), "{user}");
        assert!(answer.all("www-authenticate").is_empty(), "{user}");
    }
    busy.go.send(()).unwrap();
    assert!(matches!(verdict(held).await, Verdict::Admit(_)));
    // The place is free a moment after the verdict.
    let mut after = ask("ana").await;
    while after.status == 503 {
        after = ask("ana").await;
    }
    assert_eq!(after.status, 401);
}

#[tokio::test]
async fn an_unknown_user_looks_like_a_wrong_password() {
    let table = HtpasswdTable::parse(format!("ana:{SHA}\nbob:{APR1}").as_bytes()).unwrap();
    let layer = BasicAuthLayer::new("packages", HtpasswdUsers::new(table)).unwrap();
    let ask = async |user, password| {
        let request = get("/", &[("authorization", &basic(user, password))]);
        through(&layer, request).await
    };
    let admitted = ask("bob", "s3cret").await;
    let identity = admitted
        .seen()
        .extensions
        .get::<portcullis::gate::Identity>();
    let identity = identity.unwrap();
    assert_eq!((identity.method(), identity.subject()), ("basic", "bob"));
    let wrong = ask("ana", "guess").await;
    assert_eq!(wrong.status, 401);
    for (user, password) in [
        ("unknown", "s3cret"),
        ("bob", "guess"),
        ("ana", ""),
        ("", "x"),
    ] {
        let other = ask(user, password).await;
        assert_eq!(other.status, wrong.status, "{user}:{password}");
        assert_eq!(other.headers, wrong.headers, "{user}:{password}");
        assert_eq!(other.body, wrong.body, "{user}:{password}");
        let reason = |answer: &crate::support::Answer| {
            let reason = answer.extensions.get::<RefusalReason>();
            reason.unwrap().to_string()
        };
        assert_eq!(reason(&other), reason(&wrong), "{user}:{password}");
    }
}

#[tokio::test]
async fn only_correct_passwords_are_remembered() {
    let clock = StandingClock::new();
    let table = HtpasswdTable::parse(format!("ana:{SHA}\nbob:{SHA}").as_bytes()).unwrap();
    let users = HtpasswdUsers::new(table).with_clock(clock.clone());
    assert!(!remembers(&users, "ana", "s3cret"));
    assert!(admits(&users, "ana", "s3cret").await);
    for i in 0..100 {
        assert!(!admits(&users, "ana", &format!("guess{i}")).await);
    }
    assert!(!matches!(
        users.verify("ana", "guess0", UNKNOWN),
        Decision::Now(_)
    ));
    assert!(!remembers(&users, "bob", "s3cret"), "it is ana's");

    // An hour after its last use, whenever it was checked.
    let (moment, hour) = (Duration::from_millis(1), Duration::from_hours(1));
    for _ in 0..3 {
        clock.advance(Duration::from_millis(3_599_999));
        assert!(remembers(&users, "ana", "s3cret"));
    }
    clock.advance(hour);
    assert!(!remembers(&users, "ana", "s3cret"));
    assert!(admits(&users, "ana", "s3cret").await);
    clock.set_back(moment);
    assert!(remembers(&users, "ana", "s3cret"));
    clock.set_back(hour);
    assert!(
        !remembers(&users, "ana", "s3cret"),
        "the clock was set back"
    );

    let users = users.with_cache_lifetime(Duration::ZERO);
    assert!(admits(&users, "ana", "s3cret").await);
    assert!(!remembers(&users, "ana", "s3cret"));
}

#[tokio::test]
async fn a_queue_may_be_of_any_length() {
    let table = HtpasswdTable::parse(format!("ana:{SHA}").as_bytes()).unwrap();
    let users =
        HtpasswdUsers::new(table).with_pool(CheckPool::default().with_queue_length(usize::MAX));
    assert!(admits(&users, "ana", "s3cret").await);
}

#[test]
fn there_is_a_thread_at_least() {
    let error = CheckPool::new(0).unwrap_err();
    assert_eq!(error.setting(), "threads");
    assert!(CheckPool::new(1).is_ok());
}
