//! `JwksKeys` over a scripted identity provider, by a clock that stands still.
//!
//! Tokio's clock is paused: it advances by itself when every task waits, so that a provider that hangs
//! costs no time.

mod bearer;
mod client;
mod discovery;
mod failures;
mod flood;
mod left_out;
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

/// The part under test and its surroundings. Keys are due again after 540 to 600 seconds, as chance has it.
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

    /// The number of fetches since the last call of this function.
    fn fetches(&self) -> usize {
        self.provider.asked().len()
    }

    /// The failures that were observed since the last call of this function.
    fn failures(&self) -> Vec<String> {
        std::mem::take(&mut self.failures.lock().unwrap())
    }

    /// The number of keys at hand. Tasks that this has started have run when it returns.
    async fn at_hand(&self) -> Option<usize> {
        let keys = self.keys.keys();
        settle().await;
        keys.map(|keys| keys.len())
    }

    /// The outcome for a token whose key is not at hand.
    async fn unknown(&self) -> Newer {
        let seen = self.keys.keys();
        newer(self.keys.newer_than(seen.as_ref())).await
    }
}

/// The outcome of asking for newer keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newer {
    /// At once.
    None,
    /// At once.
    Unavailable,
    /// After a wait: this many keys.
    Keys(usize),
    /// After a wait.
    Lost,
}

async fn newer(newer: NewerKeys) -> Newer {
    match newer {
        NewerKeys::None => Newer::None,
        NewerKeys::Unavailable => Newer::Unavailable,
        NewerKeys::Later(later) => match later.await {
            Some(keys) => Newer::Keys(keys.len()),
            None => Newer::Lost,
        },
        other => panic!("{other:?}"),
    }
}

/// Lets the other tasks run until they wait.
async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}
