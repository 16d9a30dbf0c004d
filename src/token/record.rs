use std::time::SystemTime;

use crate::gate::Identity;

/// What a store knows of a token: whose it is, and whether it is still good.
///
/// A clone costs a counter.
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenRecord {
    identity: Identity,
    is_revoked: bool,
}

impl TokenRecord {
    /// A token of `subject`, without scopes, that is good until it is revoked.
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

    /// The token is no longer good from this moment.
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.identity = self.identity.with_expires_at(expires_at);
        self
    }

    /// The token is no longer good.
    pub fn revoked(mut self) -> Self {
        self.is_revoked = true;
        self
    }

    /// Who shows the token.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn into_identity(self) -> Identity {
        self.identity
    }

    /// Whether the token was revoked.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.is_revoked
    }

    /// Whether the token is no longer good at this moment, by its expiry.
    #[must_use]
    pub fn is_expired_at(&self, now: SystemTime) -> bool {
        self.identity.expires_at().is_some_and(|end| now >= end)
    }
}
