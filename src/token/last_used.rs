use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::digest::TokenDigest;
use crate::gate::Identity;

/// The most tokens that are remembered for one interval.
const CAPACITY: usize = 16384;

type Observer = dyn Fn(&Identity, SystemTime) + Send + Sync;

/// Tells an observer of tokens that are used, of each once in an interval.
pub(super) struct LastUsed {
    interval: Duration,
    observer: Box<Observer>,
    told: Mutex<Told>,
}

/// When the observer was last told of each token. What is older than two intervals is gone, without
/// a walk through all of it.
#[derive(Default)]
struct Told {
    since: Option<SystemTime>,
    current: HashMap<TokenDigest, SystemTime>,
    before: HashMap<TokenDigest, SystemTime>,
}

impl LastUsed {
    pub(super) fn new<F>(interval: Duration, observer: F) -> Self
    where
        F: Fn(&Identity, SystemTime) + Send + Sync + 'static,
    {
        Self {
            interval,
            observer: Box::new(observer),
            told: Mutex::default(),
        }
    }

    pub(super) fn used(&self, token: TokenDigest, identity: &Identity, now: SystemTime) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.is_due(token, now, self.interval);
        // The observer may take its time, or panic.
        drop(told);
        if is_due {
            (self.observer)(identity, now);
        }
    }
}

impl Told {
    fn is_due(&mut self, token: TokenDigest, now: SystemTime, interval: Duration) -> bool {
        if self
            .since
            .is_none_or(|since| !is_within(since, now, interval))
        {
            self.since = Some(now);
            self.before = std::mem::take(&mut self.current);
        }
        let last = self.current.get(&token).or_else(|| self.before.get(&token));
        if last.is_some_and(|&last| is_within(last, now, interval)) {
            return false;
        }
        if self.current.len() == CAPACITY && !self.current.contains_key(&token) {
            return false;
        }
        self.current.insert(token, now);
        true
    }
}

/// A clock that was set back does not keep the observer waiting.
fn is_within(start: SystemTime, now: SystemTime, interval: Duration) -> bool {
    now.duration_since(start)
        .is_ok_and(|since| since < interval)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten() {
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        let minute = Duration::from_mins(1);
        let last_used = LastUsed::new(minute, move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let identity = Identity::new("token", "ci");
        for (name, at, tokens, expected) in [
            ("as many as there may be", 0, CAPACITY, CAPACITY),
            ("none is told of twice", 59, CAPACITY, 0),
            ("nor is one too many", 59, CAPACITY + 1, 0),
            ("all are due again", 60, CAPACITY, CAPACITY),
            ("and again", 120, 1, 1),
        ] {
            let now = UNIX_EPOCH + Duration::from_secs(at);
            heard.store(0, Ordering::Relaxed);
            for token in 0..tokens {
                last_used.used(TokenDigest::of(&token.to_string()), &identity, now);
            }
            assert_eq!(heard.load(Ordering::Relaxed), expected, "{name}");
            let told = last_used.told.lock().unwrap();
            assert!(told.current.len() <= CAPACITY, "{name}");
            assert!(told.before.len() <= CAPACITY, "{name}");
        }
    }
}
