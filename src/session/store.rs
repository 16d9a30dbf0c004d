use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::SessionStoreError;

/// A store of sessions, instead of their cookies.
///
/// It is a table of values that expire. Keys are at most 100 bytes of visible ASCII. Values are opaque
/// bytes: everything confidential in them is sealed, so a reader of the store learns nothing, and a
/// change is noticed. If a value is lost, its owner has to sign in again.
///
/// Gateways that share a store share sessions, so each method must be *atomic* among all of them: it
/// takes effect as a whole at one moment, and is visible to every call that starts after it has returned.
///
/// A store that cannot answer must return a [`SessionStoreError`], which is answered with 503, and never
/// pretend that a value is absent. It must answer or fail within a few seconds, since a request waits for
/// it.
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// Returns the value of this key. `None` if it has none or has expired.
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>>;

    /// Sets or replaces the value of this key, which expires after `ttl`.
    fn save(&self, key: &str, value: Vec<u8>, ttl: Duration) -> StoreFuture<'_, ()>;

    /// Removes and returns the value of this key. Only one of several concurrent calls gets it.
    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>>;

    /// Removes the value of this key, if it has one.
    fn delete(&self, key: &str) -> StoreFuture<'_, ()>;

    /// Takes the lock of this key. Returns `false` if it is held. It expires after `ttl`, and is released
    /// by [`SessionStore::delete`]. Keys of locks have no other values.
    fn try_lock(&self, key: &str, ttl: Duration) -> StoreFuture<'_, bool>;
}

impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        (**self).load(key)
    }

    fn save(&self, key: &str, value: Vec<u8>, ttl: Duration) -> StoreFuture<'_, ()> {
        (**self).save(key, value, ttl)
    }

    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        (**self).take(key)
    }

    fn delete(&self, key: &str) -> StoreFuture<'_, ()> {
        (**self).delete(key)
    }

    fn try_lock(&self, key: &str, ttl: Duration) -> StoreFuture<'_, bool> {
        (**self).try_lock(key, ttl)
    }
}

boxed_future! {
    /// The future of a [`SessionStore`].
    pub struct StoreFuture<'a, T>: 'a -> Result<T, SessionStoreError>;
    pub fn new;
}
