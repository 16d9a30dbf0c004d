use std::sync::Arc;
use std::time::Duration;

use super::metadata::{ProviderMetadata, SecretIn};
use crate::error::ConfigError;
use crate::upstream::{Cleartext, DocumentUrl};

const RECHECK_AFTER: Duration = Duration::from_hours(1);

/// Where a plain OAuth 2.0 provider is asked.
///
/// The browser goes to the first of these URLs, and the gateway itself to the others, which may be of an
/// internal network.
#[derive(Clone, Debug)]
#[must_use]
pub struct Endpoints {
    pub(super) metadata: Arc<ProviderMetadata>,
    cleartext: Cleartext,
    pub(super) recheck_after: Option<Duration>,
    /// `None`: the usual ones.
    pub(super) subject_claims: Option<Arc<[String]>>,
    pub(super) asks_at_sign_in: bool,
}

impl Endpoints {
    /// Where the browser is sent, and where the gateway redeems what it comes back with.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where one is neither an `https` URL, nor an `http` one of a loopback address, or
    /// has a user, a password or a fragment.
    pub fn new(authorize_url: &str, token_url: &str) -> Result<Self, ConfigError> {
        Self::build(authorize_url, token_url, Cleartext::FromLoopback)
    }

    /// As [`Endpoints::new`], and over `http` from any host, the user endpoint included: whoever is on
    /// the way can sign in as anybody, and reads the client's secret.
    ///
    /// # Errors
    ///
    /// As for [`Endpoints::new`].
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

    /// Where an access token tells whose it is, as a JSON object. Without one, everybody is called
    /// `unknown`, and nobody's access token is looked at again.
    ///
    /// # Errors
    ///
    /// As for [`Endpoints::new`].
    pub fn with_user_url(mut self, user_url: &str) -> Result<Self, ConfigError> {
        let user = url("user URL", user_url, self.cleartext)?;
        Arc::make_mut(&mut self.metadata).user = Some(user);
        Ok(self)
    }

    /// How long an access token counts as good before the user endpoint is asked again; an hour unless
    /// told. Zero: it is asked at every request.
    pub fn with_recheck_interval(mut self, grace: Duration) -> Self {
        self.recheck_after = Some(grace);
        self
    }

    /// The members of the user endpoint's answer that may name the person, the first that is there,
    /// instead of `sub`, `user_id`, `id` and `email`. Each is a string that is not empty, or a whole
    /// number.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for none.
    pub fn with_subject_claims<I>(mut self, names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let names: Arc<[String]> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            let problem = "there must be one at least";
            return Err(ConfigError::new("subject claims", problem));
        }
        self.subject_claims = Some(names);
        Ok(self)
    }

    /// Asks the user endpoint for its status alone, and first when the grace period is over: everybody
    /// is called `unknown`, and has no claims.
    pub fn with_user_url_for_rechecks_only(mut self) -> Self {
        self.asks_at_sign_in = false;
        self
    }

    /// Whether each of the settings means something beside the others.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_idle = |setting| {
            Err(ConfigError::new(
                setting,
                "it is nothing without a user URL",
            ))
        };
        let wants_user = !self.asks_at_sign_in || self.subject_claims.is_some();
        match self.metadata.user {
            None if self.recheck_after.is_some() => is_idle("recheck after"),
            None if wants_user => is_idle("user at sign-in"),
            Some(_) if !self.asks_at_sign_in && self.subject_claims.is_some() => {
                let problem = "nobody is asked for them at sign-in";
                Err(ConfigError::new("subject claims", problem))
            }
            _ => Ok(()),
        }
    }

    /// After what time an access token is shown to the user endpoint again, where there is one.
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
