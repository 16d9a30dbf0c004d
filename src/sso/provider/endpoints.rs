use std::time::Duration;

use crate::error::ConfigError;

/// Where a plain OAuth 2.0 provider is asked.
#[derive(Clone, Debug)]
#[must_use]
pub struct Endpoints {}

impl Endpoints {
    /// Where the browser is sent, and where the gateway redeems what it comes back with.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where one is neither an `https` URL, nor an `http` one of a loopback address, or
    /// has a user or a fragment.
    pub fn new(authorize_url: &str, token_url: &str) -> Result<Self, ConfigError> {
        let _ = (authorize_url, token_url);
        todo!()
    }

    /// As [`Endpoints::new`], and over `http` from any host.
    ///
    /// # Errors
    ///
    /// As for [`Endpoints::new`].
    pub fn insecure_new_over_http(
        authorize_url: &str,
        token_url: &str,
    ) -> Result<Self, ConfigError> {
        let _ = (authorize_url, token_url);
        todo!()
    }

    /// Where an access token tells whose it is.
    ///
    /// # Errors
    ///
    /// As for [`Endpoints::new`].
    pub fn with_user_url(self, url: &str) -> Result<Self, ConfigError> {
        let _ = url;
        todo!()
    }

    /// How long an access token counts as good before the user endpoint is asked again; an hour unless
    /// told. Zero: at every request.
    pub fn with_recheck_after(self, grace: Duration) -> Self {
        let _ = grace;
        todo!()
    }

    /// The claims of the user endpoint that may name the subject, the first that is there.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for none.
    pub fn with_subject_claims<I>(self, names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let _ = names.into_iter().map(Into::into).collect::<Vec<String>>();
        todo!()
    }

    /// Asks the user endpoint for its status alone, and first when the grace period is over.
    pub fn without_user_at_sign_in(self) -> Self {
        todo!()
    }
}
