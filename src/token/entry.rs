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
    /// subject of who shows it: 1 to 128 letters, digits and `-._@:/+`.
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

    /// The token is no longer good from this moment.
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }
}

/// What the file says of a token, but for its digest.
#[derive(Clone, Debug)]
pub struct TokenEntry {
    id: String,
}

impl TokenEntry {
    /// The name of the token.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was issued.
    #[must_use]
    pub fn created_at(&self) -> SystemTime {
        unimplemented!()
    }

    /// From when it is no longer good, whether or not that has come.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        unimplemented!()
    }

    /// When it was revoked.
    #[must_use]
    pub fn revoked_at(&self) -> Option<SystemTime> {
        unimplemented!()
    }

    /// The scopes granted, in the order given.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
}
