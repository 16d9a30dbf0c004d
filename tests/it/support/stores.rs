//! Requirements that every session store must meet.

use std::sync::Arc;
use std::time::Duration;

use portcullis::session::{SessionStore, StoreFuture};
use tokio::task::JoinSet;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_hours(1);

/// Checks an empty store. `pass` lets time pass for it.
pub(crate) async fn conforms(store: Arc<dyn SessionStore>, pass: impl AsyncFn(Duration)) {
    values_are_kept_apart(&*store).await;
    values_are_taken_once(&store).await;
    locks_are_held_by_one(&store).await;
    everything_expires(&*store, pass).await;
}

async fn values_are_kept_apart(store: &dyn SessionStore) {
    assert_eq!(store.load("session/a").await.unwrap(), None);
    store.delete("session/a").await.unwrap();
    let bytes: Vec<u8> = (0..=u8::MAX).chain(*b"\r\n").cycle().take(10_000).collect();
    for (key, value) in [
        ("session/a", &bytes[..]),
        ("session/b", b""),
        ("login/a", b"l"),
    ] {
        store.save(key, value.to_vec(), LONG).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(store.load("session/a").await.unwrap().unwrap(), bytes);
        assert_eq!(store.load("session/b").await.unwrap().unwrap(), b"");
        assert_eq!(store.load("login/a").await.unwrap().unwrap(), b"l");
        assert_eq!(store.load("session/A").await.unwrap(), None);
    }
    store
        .save("session/a", b"new".to_vec(), LONG)
        .await
        .unwrap();
    store.delete("session/b").await.unwrap();
    assert_eq!(store.load("session/a").await.unwrap().unwrap(), b"new");
    assert_eq!(store.load("session/b").await.unwrap(), None);
    assert_eq!(store.load("login/a").await.unwrap().unwrap(), b"l");
}

async fn values_are_taken_once(store: &Arc<dyn SessionStore>) {
    assert_eq!(store.take("login/none").await.unwrap(), None);
    for key in ["login/b", "login/c"] {
        store.save(key, b"v".to_vec(), LONG).await.unwrap();
    }
    let taken = race(store, |store| store.take("login/b")).await;
    let winners: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(winners, [b"v"], "one of many gets it");
    assert_eq!(store.load("login/b").await.unwrap(), None);
    assert_eq!(store.load("login/c").await.unwrap().unwrap(), b"v");
}

async fn locks_are_held_by_one(store: &Arc<dyn SessionStore>) {
    for round in ["first", "after it was let go"] {
        let locked = race(store, |store| store.try_lock("lock/a", LONG)).await;
        let holders = locked.into_iter().filter(|locked| *locked).count();
        assert_eq!(holders, 1, "{round}");
        assert!(!store.try_lock("lock/a", SHORT).await.unwrap(), "{round}");
        store.delete("lock/a").await.unwrap();
    }
    assert!(store.try_lock("lock/a", LONG).await.unwrap());
    assert!(store.try_lock("lock/b", LONG).await.unwrap());
}

async fn everything_expires(store: &dyn SessionStore, pass: impl AsyncFn(Duration)) {
    let save = async |key, ttl| store.save(key, b"v".to_vec(), ttl).await.unwrap();
    for key in ["session/short", "session/lengthened", "login/short"] {
        save(key, SHORT).await;
    }
    save("session/lengthened", LONG).await;
    for ttl in [LONG, SHORT] {
        save("session/shortened", ttl).await;
    }
    assert!(store.try_lock("lock/short", SHORT).await.unwrap());
    pass(SHORT + SHORT / 2).await;
    for key in ["session/short", "session/shortened"] {
        assert_eq!(store.load(key).await.unwrap(), None, "{key}");
    }
    assert_eq!(store.take("login/short").await.unwrap(), None);
    assert!(store.load("session/lengthened").await.unwrap().is_some());
    assert!(store.try_lock("lock/short", LONG).await.unwrap());
    assert!(!store.try_lock("lock/short", LONG).await.unwrap());
}

/// The results of 32 tasks that ask for the same at once.
async fn race<T: Send + 'static>(
    store: &Arc<dyn SessionStore>,
    ask: impl Fn(&dyn SessionStore) -> StoreFuture<'_, T> + Copy + Send + 'static,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        let store = Arc::clone(store);
        tasks.spawn(async move { ask(&*store).await.unwrap() });
    }
    tasks.join_all().await
}
