use std::time::{Duration, SystemTime};

use super::authorization::AuthorizationRequest;
use super::endpoints::Endpoints;
use super::error::ProviderError;
use super::grant::{Grant, Redemption, Refreshed};
use crate::clock::Clock;
use crate::error::ConfigError;
use crate::jwt::{ClaimPath, ClaimSet};
use crate::secret::Secret;
use crate::upstream::FetchClient;

/// Who signs people in.
#[derive(Clone, Debug)]
#[must_use]
pub struct Provider {}

impl Provider {
    /// An OpenID Connect provider.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]
    pub fn discover(
        issuer: &str,
        client_id: impl Into<String>,
        secret: impl Into<Option<Secret>>,
    ) -> Result<Self, ConfigError> {
        let _ = (issuer, client_id.into(), secret.into());
        todo!()
    }

    /// As [`Provider::discover`], and over `http` from any host.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]
    pub fn insecure_discover_over_http(
        issuer: &str,
        client_id: impl Into<String>,
        secret: impl Into<Option<Secret>>,
    ) -> Result<Self, ConfigError> {
        let _ = (issuer, client_id.into(), secret.into());
        todo!()
    }

    /// A plain OAuth 2.0 provider.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]
    pub fn oauth2(
        endpoints: Endpoints,
        client_id: impl Into<String>,
        secret: impl Into<Option<Secret>>,
    ) -> Result<Self, ConfigError> {
        let _ = (endpoints, client_id.into(), secret.into());
        todo!()
    }

    /// Asks for these scopes.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]
    pub fn with_scopes<I>(self, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let _ = scopes.into_iter().map(Into::into).collect::<Vec<String>>();
        todo!()
    }

    /// Sends the client secret in the form.
    pub fn with_client_secret_post(self) -> Self {
        todo!()
    }

    /// Asks by another client.
    pub fn with_client(self, client: impl FetchClient) -> Self {
        let _ = client;
        todo!()
    }

    /// Judges the age of metadata and keys by another clock.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        let _ = clock;
        todo!()
    }

    /// How long one request to the provider may take; 10 seconds unless told.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        let _ = timeout;
        todo!()
    }

    /// Claims to ask the user endpoint for where the ID token lacks one, besides `email`: that of the
    /// groups in the allow-list.
    pub(crate) fn with_wanted_claim(self, path: ClaimPath) -> Self {
        let _ = path;
        todo!()
    }

    /// Where to send the browser.
    pub(crate) async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String, ProviderError> {
        let _ = request;
        todo!()
    }

    /// Judges the `iss` of a callback (RFC 9207), be it a success or an error.
    pub(crate) async fn check_issuer(&self, iss: Option<&str>) -> Result<(), ProviderError> {
        let _ = iss;
        todo!()
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, redemption: Redemption<'_>) -> Result<Grant, ProviderError> {
        let _ = redemption;
        todo!()
    }

    /// Gets new tokens for those of `subject`.
    pub(crate) async fn refresh(
        &self,
        refresh_token: &Secret,
        subject: &str,
        now: SystemTime,
    ) -> Result<Refreshed, ProviderError> {
        let _ = (refresh_token, subject, now);
        todo!()
    }

    /// Asks the user endpoint whether an access token is good, and whose it is.
    pub(crate) async fn user(&self, access_token: &Secret) -> Result<ClaimSet, ProviderError> {
        let _ = access_token;
        todo!()
    }

    /// Where a browser signs out of the provider as well, where there is such a place.
    pub(crate) async fn end_session_url(
        &self,
        id_token_hint: Option<&str>,
        post_logout_redirect_uri: Option<&str>,
    ) -> Option<String> {
        let _ = (id_token_hint, post_logout_redirect_uri);
        todo!()
    }

    /// After what time an access token is to be shown to the user endpoint again.
    pub(crate) fn recheck_after(&self) -> Option<Duration> {
        todo!()
    }

    /// Which provider this is: the issuer, or the authorization endpoint.
    pub(crate) fn identity(&self) -> &str {
        todo!()
    }
}
