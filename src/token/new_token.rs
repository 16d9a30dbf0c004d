use std::time::SystemTime;

/// A token to be issued: its id, scopes and expiry.
#[derive(Clone, Debug)]
#[must_use]
pub struct NewToken {
    pub(super) id: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: Option<SystemTime>,
}

impl NewToken {
    /// A token without scopes and without an expiry.
    ///
    /// The id is 1 to 128 letters, digits and `-._@:/+`. It names the token in logs and to
    /// [`TokenFile::revoke`](super::TokenFile::revoke), and is the subject of a client that presents it.
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

    /// Sets the time from which the token is no longer valid, in whole seconds.
    pub fn with_expires_at(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }
}
