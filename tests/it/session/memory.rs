//! The store that other tests rely on.

use std::sync::Arc;
use std::time::Duration;

use portcullis::session::{SessionStore, SessionStoreErrorKind};

use crate::support::clock::StandingClock;
use crate::support::memory_sessions::{MemorySessions, Mood};
use crate::support::stores::conforms;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_store_conforms() {
    let clock = StandingClock::new();
    let store = MemorySessions::new(clock.clone());
    conforms(Arc::new(store), async |time| clock.advance(time)).await;
}

#[tokio::test]
async fn values_expire_or_are_flushed() {
    let clock = StandingClock::new();
    let store = MemorySessions::new(clock.clone());
    let second = Duration::from_secs(1);
    store.save("a", b"v".to_vec(), second).await.unwrap();
    clock.advance(Duration::from_millis(999));
    assert_eq!(store.value("a").unwrap(), b"v");
    assert_eq!(store.keys(), ["a"]);
    clock.advance(Duration::from_millis(1));
    assert_eq!((store.value("a"), store.keys().len()), (None, 0));

    store.save("b", b"v".to_vec(), second).await.unwrap();
    store.tamper("b", b"w".to_vec());
    assert_eq!(store.load("b").await.unwrap().unwrap(), b"w");
    store.flush();
    assert_eq!(store.load("b").await.unwrap(), None);
    assert_eq!(store.asked(), ["save a", "save b", "load b", "load b"]);
}

#[tokio::test(start_paused = true)]
async fn it_fails_and_hangs_on_demand() {
    let store = MemorySessions::new(StandingClock::new());
    store.be(Mood::Fails(SessionStoreErrorKind::TimedOut));
    let error = store.load("a").await.unwrap_err();
    assert_eq!(error.kind(), SessionStoreErrorKind::TimedOut);
    store.be(Mood::Hangs);
    let load = tokio::time::timeout(Duration::from_mins(1), store.load("a"));
    assert!(load.await.is_err());
    store.be(Mood::Works);
    assert_eq!(store.load("a").await.unwrap(), None);
}
