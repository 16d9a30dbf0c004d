//! Who is served while others guess.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use portcullis::Clock;
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{Decision, PasswordVerifier, Verdict};
use portcullis::htpasswd::{CheckPool, HtpasswdUsers};
use tokio::sync::mpsc::unbounded_channel;

use super::checks::{Busy, is_full};
use super::{SHA, UNKNOWN, remembers, verdict};
use crate::support::clock::StandingClock;
use crate::support::file::TestFile;

fn network(number: u8) -> ClientNetwork {
    ClientNetwork::of(Ipv4Addr::new(10, 0, 0, number).into())
}

/// The order in which the users are served, all of whom wait for the one thread.
async fn order(busy: Busy, logins: &[(u8, &str, &str)]) -> Vec<String> {
    let asked = Arc::new(AtomicUsize::new(0));
    let (tell, mut served) = unbounded_channel();
    for (from, user, password) in logins {
        let decision = busy.users.verify(user, password, network(*from));
        assert!(matches!(decision, Decision::Later(_)), "{user} waits");
        let (asked, tell, user) = (Arc::clone(&asked), tell.clone(), (*user).to_owned());
        tokio::spawn(async move {
            asked.fetch_add(1, Ordering::Relaxed);
            verdict(decision).await;
            tell.send(user).unwrap();
        });
    }
    // Tasks that wait are woken in the order of the checks.
    while asked.load(Ordering::Relaxed) < logins.len() {
        tokio::task::yield_now().await;
    }
    busy.go.send(()).unwrap();
    let mut order = Vec::new();
    for _ in logins {
        order.extend(served.recv().await);
    }
    order
}

#[tokio::test]
async fn a_flood_of_guesses_keeps_nobody_waiting() {
    let guesses: Vec<_> = (0..60).map(|i| format!("guess{i}")).collect();
    for (name, from, user) in [
        ("from another network", 2, "ab"),
        ("from the same network at another name", 1, "ab"),
        ("from another network at the same name", 2, "ana"),
    ] {
        let busy = Busy::new("flood", 64);
        let mut logins: Vec<_> = guesses.iter().map(|it| (1, "ana", &**it)).collect();
        logins.push((from, user, "s3cret"));
        let users = busy.users.clone();
        let served = order(busy, &logins).await;
        assert_eq!(served.len(), logins.len(), "{name}");
        assert!(remembers(&users, user, "s3cret"), "{name}");
        if user == "ab" {
            let place = served.iter().position(|it| it == user);
            assert!(place <= Some(1), "{name}: {place:?}");
        }
    }
}

#[tokio::test]
async fn guesses_of_many_networks_keep_others_from_nothing() {
    let busy = Busy::new("many", 64);
    let mut logins: Vec<_> = (1..=60).map(|from| (from, "ana", "guess")).collect();
    logins.push((100, "ab", "s3cret"));
    let served = order(busy, &logins).await;
    let place = served.iter().position(|user| user == "ab");
    assert!(place <= Some(1), "{place:?}");
}

#[tokio::test]
async fn a_full_queue_drops_the_newest_of_the_flood() {
    let busy = Busy::new("drops", 4);
    let ask = |password: &str, from| busy.users.verify("ana", password, network(from));
    let mut flood: Vec<_> = (0..5).map(|i| ask(&format!("guess{i}"), 1)).collect();
    assert!(is_full(&ask("guess5", 1)), "the flood itself is refused");
    let newcomer = ask("s3cret", 2);
    assert!(matches!(newcomer, Decision::Later(_)));
    let Verdict::Refuse(dropped) = verdict(flood.remove(4)).await else {
        panic!("it was not dropped");
    };
    assert_eq!(dropped.status(), 503);
    busy.go.send(()).unwrap();
    assert!(matches!(verdict(newcomer).await, Verdict::Admit(_)));
    for guess in flood {
        let verdict = verdict(guess).await;
        assert!(matches!(verdict, Verdict::Refuse(it) if it.status() == 401));
    }
}

#[tokio::test]
async fn who_is_signed_in_does_not_wait() {
    let plug = Plug::new();
    let pool = CheckPool::new(1).unwrap().with_queue_length(4);
    let file = TestFile::new("stays", format!("ana:{SHA}\n"));
    let users = HtpasswdUsers::from_file(&file.path).unwrap();
    let users = users.with_clock(plug.clock.clone()).with_pool(pool);
    assert!(super::admits(&users, "ana", "s3cret").await);
    plug.plug();
    let _flood: Vec<_> = (0..10)
        .map(|i| users.verify("ana", &format!("guess{i}"), network(2)))
        .collect();
    plug.entered();
    // Much longer than a password is remembered that is not used.
    for minute in 0..720 {
        plug.clock.advance(Duration::from_mins(1));
        let decision = users.verify("ana", "s3cret", network(1));
        let verdict = verdict(decision).await;
        assert!(matches!(verdict, Verdict::Admit(_)), "minute {minute}");
    }
    plug.go();
}

#[tokio::test]
async fn a_change_is_seen_while_passwords_are_checked() {
    let file = TestFile::new("plugged", format!("ana:{SHA}\n"));
    let plug = Plug::new();
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let users = HtpasswdUsers::from_file(&file.path)
        .unwrap()
        .with_clock(plug.clock.clone())
        .with_pool(CheckPool::new(1).unwrap())
        .with_reload_observer(move |change| {
            let number = change.map_or(0, portcullis::htpasswd::HtpasswdTable::len);
            // An error says that the test is over.
            let _: Result<(), _> = tell.lock().unwrap().send(number);
        });
    assert!(super::admits(&users, "ana", "s3cret").await);
    plug.plug();
    let guess = users.verify("ana", "guess", UNKNOWN);
    plug.entered();
    file.replace("");
    plug.clock.advance(Duration::from_secs(1));
    let removed = users.verify("ana", "s3cret", UNKNOWN);
    let removed = tokio::spawn(verdict(removed));
    let number = tokio::task::spawn_blocking(move || told.recv_timeout(Duration::from_mins(1)));
    assert_eq!(number.await.unwrap(), Ok(0), "before the check ends");
    assert!(!remembers(&users, "ana", "s3cret"));
    plug.go();
    assert!(matches!(verdict(guess).await, Verdict::Refuse(_)));
    assert!(matches!(removed.await.unwrap(), Verdict::Refuse(_)));
}

/// A clock that can hold the next check when it asks for the time.
struct Plug {
    clock: PlugClock,
    entered: Receiver<()>,
    go: Sender<()>,
}

#[derive(Clone, Debug)]
struct PlugClock {
    clock: StandingClock,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    is_plugged: AtomicBool,
    enter: Mutex<Sender<()>>,
    word: Mutex<Receiver<()>>,
}

impl Plug {
    fn new() -> Self {
        let ((enter, entered), (go, word)) = (channel(), channel());
        let shared = Shared {
            is_plugged: AtomicBool::new(false),
            enter: Mutex::new(enter),
            word: Mutex::new(word),
        };
        Self {
            clock: PlugClock {
                clock: StandingClock::new(),
                shared: shared.into(),
            },
            entered,
            go,
        }
    }

    fn plug(&self) {
        self.clock.shared.is_plugged.store(true, Ordering::Relaxed);
    }

    fn entered(&self) {
        self.entered.recv_timeout(Duration::from_mins(1)).unwrap();
    }

    fn go(&self) {
        self.go.send(()).unwrap();
    }
}

impl PlugClock {
    fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }
}

impl Clock for PlugClock {
    fn now(&self) -> SystemTime {
        let checks = thread::current().name() == Some("htpasswd");
        if checks && self.shared.is_plugged.swap(false, Ordering::Relaxed) {
            self.shared.enter.lock().unwrap().send(()).unwrap();
            // An error is a word as well: the test is over.
            let _: Result<(), _> = self.shared.word.lock().unwrap().recv();
        }
        self.clock.now()
    }
}
