use std::sync::Arc;
use std::time::Duration;

use super::metadata::{ProviderMetadata, SecretIn};
use crate::error::ConfigError;
use crate::upstream::{Cleartext, DocumentUrl};

const RECHECK_AFTER: Duration = Duration::from_hours(1);

/// The endpoints of a plain OAuth 2.0 provider.
///
/// The browser opens the authorization URL. The gateway itself asks the other URLs, which may be
/// internal.
#[derive(Clone, Debug)]
#[must_use]
pub struct Endpoints {
    pub(super) metadata: Arc<ProviderMetadata>,
    cleartext: Cleartext,
    pub(super) recheck_after: Option<Duration>,
    /// `None`: the default names.
    pub(super) subject_claims: Option<Arc<[String]>>,
    pub(super) asks_at_sign_in: bool,
}

impl Endpoints {
    /// The authorization URL, which browsers are sent to, and the token URL, where the gateway redeems
    /// codes.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if a URL is neither `https` nor `http` with a loopback address, or has a
    /// user, a password or a fragment.
    pub fn new(authorize_url: &str, token_url: &str) -> Result<Self, ConfigError> {
        Self::build(authorize_url, token_url, Cleartext::FromLoopback)
    }

    /// As [`Endpoints::new`], but allows `http` with any host, also for the user URL. Anyone on the
    /// network path can then sign in as anybody and read the client secret.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same URLs as [`Endpoints::new`].
    pub fn insecure_new_over_http(
        authorize_url: &str,
        token_url: &str,
    ) -> Result<Self, ConfigError> {
        Self::build(authorize_url, token_url, Cleartext::FromAnyHost)
    }

    fn build(
        authorize_url: &str,
        token_url: &str,
        cleartext: Cleartext,
    ) -> Result<Self, ConfigError> {
        let metadata = ProviderMetadata {
            authorize: url("authorize URL", authorize_url, cleartext)?,
            token: url("token URL", token_url, cleartext)?,
            user: None,
            end_session: None,
            unused: Vec::new(),
            secret_in: SecretIn::Form,
            sends_issuer: false,
        };
        Ok(Self {
            metadata: Arc::new(metadata),
            cleartext,
            recheck_after: None,
            subject_claims: None,
            asks_at_sign_in: true,
        })
    }

    /// Sets the URL that describes the person of an access token as a JSON object. Without it, every
    /// person is called `unknown`, and access tokens are not rechecked.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same URLs as [`Endpoints::new`].
    pub fn with_user_url(mut self, user_url: &str) -> Result<Self, ConfigError> {
        let user = url("user URL", user_url, self.cleartext)?;
        Arc::make_mut(&mut self.metadata).user = Some(user);
        Ok(self)
    }

    /// Sets how long an access token counts as valid before the user endpoint is asked again (default one
    /// hour). Zero means at every request.
    pub fn with_recheck_interval(mut self, grace: Duration) -> Self {
        self.recheck_after = Some(grace);
        self
    }

    /// Sets the members of the user endpoint's answer that may name the person (default `sub`, `user_id`,
    /// `id` and `email`). The first that is present is used, and must be a non-empty string or a whole
    /// number.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no name.
    pub fn with_subject_claims<I>(mut self, names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names: Arc<[String]> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            let problem = "must not be empty";
            return Err(ConfigError::new("subject claims", problem));
        }
        self.subject_claims = Some(names);
        Ok(self)
    }

    /// Uses the user endpoint for rechecks only, and only its status. Every person is then called
    /// `unknown` and has no claims.
    pub fn with_user_url_for_rechecks_only(mut self) -> Self {
        self.asks_at_sign_in = false;
        self
    }

    /// Refuses settings that have no effect together.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let has_no_effect = |setting| Err(ConfigError::new(setting, "needs a user URL"));
        let wants_user = !self.asks_at_sign_in || self.subject_claims.is_some();
        match self.metadata.user {
            None if self.recheck_after.is_some() => has_no_effect("recheck after"),
            None if wants_user => has_no_effect("user at sign-in"),
            Some(_) if !self.asks_at_sign_in && self.subject_claims.is_some() => {
                let problem = "are never read, because the user URL is for rechecks only";
                Err(ConfigError::new("subject claims", problem))
            }
            _ => Ok(()),
        }
    }

    /// The interval of rechecks, if there is a user endpoint.
    pub(super) fn recheck_after(&self) -> Option<Duration> {
        self.metadata.user.as_ref()?;
        Some(self.recheck_after.unwrap_or(RECHECK_AFTER))
    }
}

fn url(
    setting: &'static str,
    text: &str,
    cleartext: Cleartext,
) -> Result<DocumentUrl, ConfigError> {
    let url = DocumentUrl::parse(text, cleartext);
    url.map_err(|problem| ConfigError::new(setting, problem))
}
