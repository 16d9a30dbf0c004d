use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::error::SessionStoreError;

/// Where sessions are kept when they are not in their cookies.
///
/// It is a table of values that end by themselves. Keys are ASCII without blanks, at most 100 bytes
/// long. Values are opaque bytes: what says anything is sealed before it comes here, so that whoever
/// reads the store learns nothing of it, and changes none of it without that being noticed. Losing
/// values costs those whose they were a sign-in.
///
/// Who shares a store over several gateways shares sessions, so each method has to be *atomic*
/// among all of them: it happens as a whole at one moment, and whatever begins after it has ended
/// finds it done.
///
/// A store that cannot answer says so by a [`SessionStoreError`], and the request is answered with 503: it
/// never makes up that there is nothing. It answers or fails within some seconds by itself, since a
/// request waits for it.
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// The value of this key; `None` where it has none, or its time is over.
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>>;

    /// Sets the value of this key, whether it had one or not, and when it ends.
    fn save(&self, key: &str, value: Vec<u8>, ttl: Duration) -> StoreFuture<'_, ()>;

    /// Removes the value of this key, and returns it. Of those who ask for the same at once, one gets
    /// it.
    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>>;

    /// Removes the value of this key, if it has one.
    fn delete(&self, key: &str) -> StoreFuture<'_, ()>;

    /// Takes the lock of this name, unless somebody holds it. It ends by itself after `ttl`, or by
    /// [`SessionStore::delete`]. Nothing but locks has such a key.
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
