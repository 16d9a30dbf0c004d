use crate::error::ConfigError;
use crate::jwt::{ClaimPath, ClaimSet};

/// Who may sign in.
#[derive(Clone, Debug)]
#[must_use]
pub struct AllowList {}

impl AllowList {
    /// Everyone who can sign in at the provider.
    pub fn everyone() -> Self {
        todo!()
    }

    /// Nobody, until rules are added.
    #[expect(
        clippy::new_without_default,
        reason = "a list that admits nobody is no default"
    )]
    pub fn new() -> Self {
        todo!()
    }

    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn with_emails<I>(self, emails: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let _ = emails;
        todo!()
    }

    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn with_domains<I>(self, domains: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let _ = domains;
        todo!()
    }

    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn with_groups<I>(self, claim: ClaimPath, groups: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let _ = (claim, groups);
        todo!()
    }

    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn with_scopes<I>(self, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let _ = scopes;
        todo!()
    }

    /// Takes an address of which the provider does not say whether it is verified.
    pub fn with_insecure_unverified_emails(self) -> Self {
        todo!()
    }

    /// Why this person may not sign in, for the log.
    pub(super) fn refusal(&self, claims: &ClaimSet, scopes: &[String]) -> Option<&'static str> {
        let _ = (claims, scopes);
        todo!()
    }
}
