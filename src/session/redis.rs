use std::time::Duration;

use super::error::StoreError;
use super::store::{SessionStore, StoreFuture};
use crate::error::ConfigError;

/// Sessions in Redis.
#[derive(Clone, Debug)]
pub struct RedisSessions;

impl RedisSessions {
    /// The Redis at this URL.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for another URL.
    pub fn new(_url: impl Into<crate::Secret>) -> Result<Self, ConfigError> {
        todo!()
    }

    /// What every key begins with.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what is not ASCII.
    pub fn with_key_prefix(self, _prefix: &str) -> Result<Self, ConfigError> {
        todo!()
    }

    /// How long it may take.
    #[must_use]
    pub fn with_timeout(self, _timeout: Duration) -> Self {
        todo!()
    }

    /// Trusts the certificate authorities in this PEM, and no others.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for another PEM.
    pub fn with_root_certificates(self, _pem: &[u8]) -> Result<Self, ConfigError> {
        todo!()
    }

    /// Whether it answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        todo!()
    }
}

impl SessionStore for RedisSessions {
    fn load(&self, _key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        todo!()
    }

    fn save(&self, _key: &str, _value: Vec<u8>, _ttl: Duration) -> StoreFuture<'_, ()> {
        todo!()
    }

    fn take(&self, _key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        todo!()
    }

    fn delete(&self, _key: &str) -> StoreFuture<'_, ()> {
        todo!()
    }

    fn try_lock(&self, _key: &str, _ttl: Duration) -> StoreFuture<'_, bool> {
        todo!()
    }
}
