//! The cost of a password that was checked before, and of a check by each scheme.
//!
//! ```text
//! cargo bench --bench htpasswd --features full
//! ```

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use divan::{AllocProfiler, Bencher, Divan};
use portcullis::client_address::ClientNetwork;
use portcullis::gate::{Decision, PasswordVerifier, Verdict};
use portcullis::htpasswd::{HtpasswdTable, HtpasswdUsers};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    Divan::default().config_with_args().main();
}

const UNKNOWN: ClientNetwork = ClientNetwork::UNKNOWN;

const BCRYPT_12: &str = "$2y$12$sizLC6XEwoOz99iJWYXyMOX4o3qa9eh..XsAk5A6sIVD8u8FTVLgq";
const ARGON2ID: &str = "$argon2id$v=19$m=65536,t=3,p=4$6zKGKeVabqMH76ky3L89Kg$rIyfWZwbblFTjzVAXCZ9e8V9Z93xamZy6CA6aTrOhNE";
const SHA512: &str = "$6$DefsHe0efXvLL3eD$u7rmjWAlOyDVUtxQkowcC9V4Y75J4J5Lxt6dsSs6djIvMWBFXQtYE2MgLO1MPSDTwFGNWWWTl5WlPoGrN/E7v/";
const SHA256: &str = "$5$TiKnihhtUhYpfVGe$hMwtjm8K6EWIQbcMnYmJidoNcRlgd6.fpFntNsmxN13";
const APR1: &str = "$apr1$HA1A/61E$oRSVVg9tNICs6Rxv1Zklh0";
const SHA: &str = "{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=";

fn lines(hash: &str, users: usize) -> String {
    let lines: Vec<_> = (0..users).map(|i| format!("user{i}:{hash}")).collect();
    lines.join("\n")
}

fn table(hash: &str, users: usize) -> HtpasswdTable {
    HtpasswdTable::parse(lines(hash, users).as_bytes()).expect("a table")
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn verdict(decision: Decision) -> Option<Verdict> {
    let mut verdict = match decision {
        Decision::Now(verdict) => return Some(verdict),
        Decision::Later(verdict) => pin!(verdict),
        _ => return None,
    };
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(verdict) = verdict.as_mut().poll(&mut cx) {
            return Some(verdict);
        }
        thread::park();
    }
}

/// From a file whose metadata is checked each second, as in production.
#[divan::bench(args = [1, 1000], sample_count = 500, sample_size = 32)]
fn known(bencher: Bencher<'_, '_>, users: usize) {
    let path = std::env::temp_dir().join(format!("htpasswd-bench-{}", std::process::id()));
    std::fs::write(&path, lines(SHA, users)).expect("a file");
    let users = HtpasswdUsers::from_file(&path).expect("users");
    let first = verdict(users.verify("user0", "s3cret", UNKNOWN));
    assert!(matches!(first, Some(Verdict::Admit(_))));
    bencher.bench_local(|| users.verify("user0", "s3cret", UNKNOWN));
    std::fs::remove_file(&path).expect("the file is there");
}

/// A known password of the same user on two threads at once.
#[divan::bench(threads = [2], sample_count = 500, sample_size = 32)]
fn known_by_two(bencher: Bencher<'_, '_>) {
    let users = HtpasswdUsers::new(table(SHA, 1));
    let first = verdict(users.verify("user0", "s3cret", UNKNOWN));
    assert!(matches!(first, Some(Verdict::Admit(_))));
    bencher.bench(|| users.verify("user0", "s3cret", UNKNOWN));
}

/// A wrong password, including the hand-over to a thread and back.
#[divan::bench(args = ["apr1", "sha", "sha256", "sha512", "bcrypt12", "argon2id"], sample_count = 10, sample_size = 1)]
fn wrong(bencher: Bencher<'_, '_>, scheme: &str) {
    let hash = match scheme {
        "apr1" => APR1,
        "sha" => SHA,
        "sha256" => SHA256,
        "sha512" => SHA512,
        "bcrypt12" => BCRYPT_12,
        _ => ARGON2ID,
    };
    let users = HtpasswdUsers::new(table(hash, 1)).with_cache_lifetime(Duration::ZERO);
    bencher.bench_local(|| verdict(users.verify("user0", "guess", UNKNOWN)));
}

/// Parsing a file with this many users.
#[divan::bench(args = [100, 10_000], sample_count = 10, sample_size = 1)]
fn parse(bencher: Bencher<'_, '_>, users: usize) {
    bencher.bench_local(|| table(BCRYPT_12, users));
}
