//! `JwksKeys` over an identity provider that does as it is told, by a clock that stands still.
//!
//! Tokio's clock is paused: it goes on by itself where everybody waits, so that a provider that hangs
//! costs no time.

mod client;
mod discovery;
mod failures;
mod flood;
mod refresh;
mod settings;
mod verifier;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use portcullis::jwt::jwks::JwksKeys;
use portcullis::jwt::{KeySource, NewerKeys};

use crate::support::clock::StandingClock;
use crate::support::fake_provider::{Answer, FakeProvider};

const URL: &str = "https://id.example/keys";

/// The part under test and its surroundings. Without jitter, keys are due again after 600 seconds.
struct Desk {
    keys: JwksKeys,
    provider: Arc<FakeProvider>,
    clock: StandingClock,
    failures: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    /// Nothing is published yet.
    fn new() -> Self {
        Self::over(JwksKeys::new(URL).unwrap())
    }

    fn over(keys: JwksKeys) -> Self {
        let provider = FakeProvider::new();
        let clock = StandingClock::new();
        let failures = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&failures);
        let keys = keys
            .with_client(Arc::clone(&provider))
            .with_clock(clock.clone())
            .with_jitter(|_| Duration::ZERO)
            .with_failure_observer(move |error| seen.lock().unwrap().push(error.to_string()));
        Self {
            keys,
            provider,
            clock,
            failures,
        }
    }

    /// Keys have been published and fetched.
    async fn with_keys(kids: &[&str]) -> Self {
        let desk = Self::new();
        desk.publish(Answer::keys(kids));
        desk.keys.fetch().await.unwrap();
        assert_eq!(desk.fetches(), 1);
        desk
    }

    fn publish(&self, answer: Answer) {
        self.provider.publish("/keys", answer);
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn set_back(&self, seconds: u64) {
        self.clock.set_back(Duration::from_secs(seconds));
    }

    /// How many there were since this was last called.
    fn fetches(&self) -> usize {
        self.provider.asked().len()
    }

    /// What the observer was told since this was last called.
    fn failures(&self) -> Vec<String> {
        std::mem::take(&mut self.failures.lock().unwrap())
    }

    /// How many keys are at hand, once the tasks have run that this has begun.
    async fn at_hand(&self) -> Option<usize> {
        let keys = self.keys.keys();
        settle().await;
        keys.map(|keys| keys.len())
    }

    /// What becomes of a token whose key is not at hand.
    async fn unknown(&self) -> Told {
        let seen = self.keys.keys();
        told(self.keys.newer_than(seen.as_deref())).await
    }
}

/// What a request hears of newer keys, and what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// At once.
    None,
    /// At once.
    Unavailable,
    /// After a wait: so many keys.
    Keys(usize),
    /// After a wait.
    Lost,
}

async fn told(newer: NewerKeys) -> Told {
    match newer {
        NewerKeys::None => Told::None,
        NewerKeys::Unavailable => Told::Unavailable,
        NewerKeys::Later(later) => match later.await {
            Some(keys) => Told::Keys(keys.len()),
            None => Told::Lost,
        },
        other => panic!("{other:?}"),
    }
}

/// Lets the other tasks run until they wait for something.
async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}
