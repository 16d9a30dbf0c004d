use std::time::SystemTime;

/// A token to be issued: whose it is, what it may, and until when.
#[derive(Clone, Debug)]
#[must_use]
pub struct NewToken {
    pub(super) id: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Option<SystemTime>,
}

impl NewToken {
    /// A token without scopes that is good until it is revoked.
    ///
    /// The id names it in logs and to [`TokenFile::revoke`](super::TokenFile::revoke), and is the
    /// subject of whoever shows it: 1 to 128 letters, digits and `-._@:/+`.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            scopes: Vec::new(),
            expires_at: None,
        }
    }

    /// Grants these scopes.
    pub fn with_scopes<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The token is no longer good from this moment, which is taken in whole seconds.
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }
}
