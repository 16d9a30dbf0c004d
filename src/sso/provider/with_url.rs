use super::discovery::Discovery;
use super::settings::{Protocol, Provider, Settings};
use super::urls::ProviderUrl;
use crate::error::ConfigError;
use crate::upstream::DocumentUrl;

impl Provider {
    /// Sets a URL of an OpenID Connect provider, for one that the gateway reaches at another address than
    /// browsers do. The issuer stays the one that the metadata and the ID tokens must name.
    ///
    /// ```
    /// use portcullis::sso::provider::{Provider, ProviderUrl};
    ///
    /// # fn main() -> Result<(), portcullis::ConfigError> {
    /// let provider = Provider::discover("https://id.example.com", "gateway", None)?;
    /// let inside = "https://id.internal/.well-known/openid-configuration";
    /// assert!(provider.clone().with_url(ProviderUrl::Metadata, inside).is_ok());
    /// assert!(provider.with_url(ProviderUrl::Token, "http://id.internal/token").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for a URL that is not `https`, unless it has a loopback address or the provider
    /// was made by [`Provider::insecure_discover_over_http`]; for one with a user, a password or a fragment;
    /// and for a plain OAuth 2.0 provider, whose URLs are in [`Endpoints`](super::Endpoints).
    pub fn with_url(mut self, which: ProviderUrl, url: &str) -> Result<Self, ConfigError> {
        let refuse = |problem| ConfigError::new(which.setting(), problem);
        let Settings { protocol, .. } = self.settings_mut();
        let Protocol::OpenId {
            discovery,
            keys,
            cleartext,
        } = protocol
        else {
            return Err(refuse("is for OpenID Connect, not for plain OAuth 2.0"));
        };
        let url = DocumentUrl::parse(url, *cleartext).map_err(refuse)?;
        let mut urls = discovery.urls().clone();
        let mut origin = discovery.origin().clone();
        match which {
            ProviderUrl::Metadata => origin = origin.with_url(url),
            ProviderUrl::Authorization => urls.authorization = Some(url),
            ProviderUrl::Token => urls.token = Some(url),
            ProviderUrl::User => urls.user = Some(url),
            ProviderUrl::Keys => {
                *keys = keys.clone().at_url(url);
                urls.has_keys = true;
            }
        }
        if !urls.has_keys {
            *keys = keys.clone().at_metadata(origin.clone());
        }
        *discovery = Discovery::new(origin, urls);
        Ok(self)
    }
}
