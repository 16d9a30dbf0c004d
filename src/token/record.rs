use std::time::SystemTime;

use crate::gate::Identity;

/// A token in a store: its owner, and whether it is still valid.
///
/// A clone is cheap.
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenRecord {
    identity: Identity,
    is_revoked: bool,
}

impl TokenRecord {
    /// A token of `subject`, without scopes and without an expiry.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            identity: Identity::new("token", subject),
            is_revoked: false,
        }
    }

    /// Grants these scopes.
    pub fn with_scopes<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.identity = self.identity.with_scopes(scopes);
        self
    }

    /// Sets the time from which the token is no longer valid.
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.identity = self.identity.with_expires_at(expires_at);
        self
    }

    /// Marks the token as revoked.
    pub fn revoked(mut self) -> Self {
        self.is_revoked = true;
        self
    }

    /// The identity of a client that presents the token.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn into_identity(self) -> Identity {
        self.identity
    }

    /// Whether the token is revoked.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.is_revoked
    }

    /// Whether the token is expired at this time.
    #[must_use]
    pub fn is_expired_at(&self, now: SystemTime) -> bool {
        self.identity.expires_at().is_some_and(|end| now >= end)
    }
}
