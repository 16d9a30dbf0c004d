//! A session store in memory that is strict about its arguments, and fails on demand.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use portcullis::Clock;
use portcullis::session::{SessionStore, SessionStoreError, SessionStoreErrorKind, StoreFuture};

use super::clock::StandingClock;

/// No test needs more.
const MOST_ENTRIES: usize = 10_000;

/// How the store behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Mood {
    #[default]
    Works,
    Fails(SessionStoreErrorKind),
    Hangs,
}

/// Values expire by the clock. Clones share the store.
#[derive(Clone, Debug)]
pub(crate) struct MemorySessions {
    clock: StandingClock,
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    entries: BTreeMap<String, Entry>,
    mood: Mood,
    asked: Vec<String>,
}

#[derive(Debug)]
struct Entry {
    /// `None` for a lock.
    value: Option<Vec<u8>>,
    ends_at: SystemTime,
}

impl MemorySessions {
    pub(crate) fn new(clock: StandingClock) -> Self {
        let table = Arc::default();
        Self { clock, table }
    }

    /// Sets how further calls are treated.
    pub(crate) fn be(&self, mood: Mood) {
        self.table.lock().unwrap().mood = mood;
    }

    /// Loses everything.
    pub(crate) fn flush(&self) {
        self.table.lock().unwrap().entries.clear();
    }

    /// The calls since the last call of this method, such as `load session/00`.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.table.lock().unwrap().asked)
    }

    /// The keys of values and locks.
    pub(crate) fn keys(&self) -> Vec<String> {
        let now = self.clock.now();
        let entries = &mut self.table.lock().unwrap().entries;
        entries.retain(|_, entry| entry.ends_at > now);
        entries.keys().cloned().collect()
    }

    /// As [`SessionStore::load`], at once and unrecorded.
    pub(crate) fn value(&self, key: &str) -> Option<Vec<u8>> {
        let now = self.clock.now();
        let table = self.table.lock().unwrap();
        let entry = table.entries.get(key).filter(|entry| entry.ends_at > now)?;
        entry.value.clone()
    }

    /// Replaces the value of a key, as an attacker with access to the store could.
    pub(crate) fn tamper(&self, key: &str, value: Vec<u8>) {
        let mut table = self.table.lock().unwrap();
        table.entries.get_mut(key).unwrap().value = Some(value);
    }

    /// Runs `answer` when the future is polled, atomically.
    fn ask<'a, T: Send + 'a>(
        &'a self,
        verb: &str,
        key: &str,
        answer: impl FnOnce(&mut BTreeMap<String, Entry>, String, SystemTime) -> T + Send + 'a,
    ) -> StoreFuture<'a, T> {
        assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key:?}");
        assert!((1..=100).contains(&key.len()), "{key:?}");
        let (asked, key) = (format!("{verb} {key}"), key.to_owned());
        StoreFuture::new(async move {
            let mood = {
                let mut table = self.table.lock().unwrap();
                table.asked.push(asked);
                table.mood
            };
            match mood {
                Mood::Works => {}
                Mood::Fails(kind) => return Err(SessionStoreError::new(kind)),
                Mood::Hangs => pending().await,
            }
            let now = self.clock.now();
            let entries = &mut self.table.lock().unwrap().entries;
            entries.retain(|_, entry| entry.ends_at > now);
            let answer = answer(entries, key, now);
            assert!(entries.len() <= MOST_ENTRIES, "grows without bound");
            Ok(answer)
        })
    }
}

/// A lock must only be taken and deleted.
fn value(entry: Entry) -> Vec<u8> {
    entry.value.expect("this is the key of a lock")
}

impl SessionStore for MemorySessions {
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.ask("load", key, |entries, key, _| {
            let entry = entries.get(&key)?;
            Some(entry.value.clone().expect("this is the key of a lock"))
        })
    }

    fn save(&self, key: &str, new: Vec<u8>, ttl: Duration) -> StoreFuture<'_, ()> {
        assert!(!ttl.is_zero(), "the TTL is zero");
        self.ask("save", key, move |entries, key, now| {
            let entry = Entry {
                value: Some(new),
                ends_at: now + ttl,
            };
            entries.insert(key, entry).map(value);
        })
    }

    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.ask("take", key, |entries, key, _| {
            entries.remove(&key).map(value)
        })
    }

    fn delete(&self, key: &str) -> StoreFuture<'_, ()> {
        self.ask("delete", key, |entries, key, _| {
            entries.remove(&key);
        })
    }

    fn try_lock(&self, key: &str, ttl: Duration) -> StoreFuture<'_, bool> {
        assert!(!ttl.is_zero(), "the TTL is zero");
        self.ask("try_lock", key, move |entries, key, now| {
            if let Some(held) = entries.get(&key) {
                assert!(held.value.is_none(), "this is the key of a value");
                return false;
            }
            let entry = Entry {
                value: None,
                ends_at: now + ttl,
            };
            entries.insert(key, entry);
            true
        })
    }
}
