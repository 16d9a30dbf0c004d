use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::discovery::{Discovery, Outcome};
use super::endpoints::Endpoints;
use super::error::ProviderError;
use super::metadata::SecretIn;
use super::urls::Urls;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::gate::require_scope_token;
use crate::jwt::ClaimPath;
use crate::jwt::jwks::{JwksKeys, MetadataOrigin};
use crate::secret::Secret;
use crate::upstream::{Cleartext, FetchClient, ReqwestClient};

/// An identity provider: OpenID Connect, or plain OAuth 2.0.
///
/// See the [module docs](crate::sso::provider) for the requests to it. Clones are cheap, and share the
/// metadata and the keys.
#[derive(Clone)]
#[must_use]
pub struct Provider {
    pub(super) settings: Arc<Settings>,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) protocol: Protocol,
    pub(super) client_id: String,
    pub(super) secret: Option<Secret>,
    /// `None`: as the metadata says.
    pub(super) secret_in: Option<SecretIn>,
    pub(super) scopes: Vec<String>,
    /// Additional parameters of the authorization request.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) wanted_claims: Vec<ClaimPath>,
    pub(super) client: Arc<dyn FetchClient>,
    clock: Arc<dyn Clock>,
    pub(super) timeout: Duration,
}

#[derive(Clone)]
pub(super) enum Protocol {
    OpenId {
        discovery: Discovery,
        keys: JwksKeys,
        /// Whether its URLs may be `http`.
        cleartext: Cleartext,
    },
    OAuth2(Endpoints),
}

impl Provider {
    /// The OpenID Connect provider of this issuer. Without a secret, the gateway is a public client.
    ///
    /// Nothing is requested yet. The first sign-in fetches the metadata, as
    /// [`JwksKeys::discover`](crate::jwt::jwks::JwksKeys::discover) does.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the issuer is neither an `https` URL nor an `http` URL with a loopback
    /// address, or has a query or a fragment; if the client id or the secret is empty or not printable
    /// ASCII; and if the certificate authorities of the machine cannot be read.
    pub fn discover(
        issuer: &str,
        client_id: impl Into<String>,
        secret: impl Into<Option<Secret>>,
    ) -> Result<Self, ConfigError> {
        let origin = MetadataOrigin::new(issuer, Cleartext::FromLoopback)?;
        Self::openid(
            origin,
            Cleartext::FromLoopback,
            client_id.into(),
            secret.into(),
        )
    }

    /// As [`Provider::discover`], but allows `http` with any host. Anyone on the network path can then
    /// sign in as anybody.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same values as [`Provider::discover`], except for `http`.
    pub fn insecure_discover_over_http(
        issuer: &str,
        client_id: impl Into<String>,
        secret: impl Into<Option<Secret>>,
    ) -> Result<Self, ConfigError> {
        let origin = MetadataOrigin::new(issuer, Cleartext::FromAnyHost)?;
        Self::openid(
            origin,
            Cleartext::FromAnyHost,
            client_id.into(),
            secret.into(),
        )
    }

    fn openid(
        origin: MetadataOrigin,
        cleartext: Cleartext,
        client_id: String,
        secret: Option<Secret>,
    ) -> Result<Self, ConfigError> {
        let client: Arc<dyn FetchClient> = Arc::new(ReqwestClient::new()?);
        let protocol = Protocol::OpenId {
            discovery: Discovery::new(origin.clone(), Urls::default()),
            keys: JwksKeys::of_metadata(origin, Arc::clone(&client)),
            cleartext,
        };
        let scopes = ["openid", "email", "profile"].map(str::to_owned);
        Self::build(protocol, client_id, secret, scopes.into(), client)
    }

    /// A plain OAuth 2.0 provider. Without a secret, the gateway is a public client; a secret is sent in
    /// the form. By default no scope is requested.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the client id or the secret is empty or not printable ASCII, if
    /// settings of `endpoints` have no effect together, and if the certificate authorities of the machine
    /// cannot be read.
    pub fn oauth2(
        endpoints: Endpoints,
        client_id: impl Into<String>,
        secret: impl Into<Option<Secret>>,
    ) -> Result<Self, ConfigError> {
        endpoints.check()?;
        let protocol = Protocol::OAuth2(endpoints);
        let client = Arc::new(ReqwestClient::new()?);
        Self::build(
            protocol,
            client_id.into(),
            secret.into(),
            Vec::new(),
            client,
        )
    }

    fn build(
        protocol: Protocol,
        client_id: String,
        secret: Option<Secret>,
        scopes: Vec<String>,
        client: Arc<dyn FetchClient>,
    ) -> Result<Self, ConfigError> {
        require_visible("client id", &client_id)?;
        if let Some(secret) = &secret {
            require_visible("client secret", secret.expose())?;
        }
        let settings = Settings {
            protocol,
            client_id,
            secret,
            secret_in: None,
            scopes,
            parameters: Vec::new(),
            wanted_claims: Vec::new(),
            client,
            clock: Arc::new(SystemClock),
            timeout: Duration::from_secs(10),
        };
        Ok(Self {
            settings: Arc::new(settings),
        })
    }

    /// Sets the scopes to request. The default is `openid email profile`, or no scope for a plain OAuth
    /// 2.0 provider.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for a name that is not a scope (RFC 6749 section 3.3), and if `openid` is
    /// missing for an OpenID Connect provider.
    pub fn with_scopes<I>(mut self, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        for scope in &scopes {
            require_scope_token(scope)?;
        }
        if self.is_openid() && !scopes.iter().any(|scope| scope == "openid") {
            return Err(ConfigError::new("scopes", "must include openid"));
        }
        self.settings_mut().scopes = scopes;
        Ok(self)
    }

    /// Sends the client secret in the form (`client_secret_post`), whatever the metadata says.
    pub fn with_client_secret_post(mut self) -> Self {
        self.settings_mut().secret_in = Some(SecretIn::Form);
        self
    }

    /// Sends the client secret in the header (`client_secret_basic`), whatever the metadata says, and to a plain
    /// OAuth 2.0 provider too.
    pub fn with_client_secret_basic(mut self) -> Self {
        self.settings_mut().secret_in = Some(SecretIn::Header);
        self
    }

    /// Sends requests with another client.
    pub fn with_client(mut self, client: impl FetchClient) -> Self {
        let client: Arc<dyn FetchClient> = Arc::new(client);
        let settings = self.settings_mut();
        if let Protocol::OpenId { keys, .. } = &mut settings.protocol {
            *keys = keys.clone().with_client(Arc::clone(&client));
        }
        settings.client = client;
        self
    }

    /// Takes the age of metadata and keys from another clock.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let settings = self.settings_mut();
        if let Protocol::OpenId { keys, .. } = &mut settings.protocol {
            *keys = keys.clone().with_clock(Arc::clone(&clock));
        }
        settings.clock = clock;
        self
    }

    /// Sets the timeout of each request to the provider (default 10 seconds).
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        let settings = self.settings_mut();
        if let Protocol::OpenId { keys, .. } = &mut settings.protocol {
            *keys = keys.clone().with_timeout(timeout);
        }
        settings.timeout = timeout;
        self
    }

    /// Asks the user endpoint if the ID token lacks this claim, as it does for `email`.
    pub(crate) fn with_wanted_claim(mut self, path: ClaimPath) -> Self {
        self.settings_mut().wanted_claims.push(path);
        self
    }

    /// The interval after which the user endpoint is asked about an access token again.
    pub(crate) fn recheck_after(&self) -> Option<Duration> {
        match &self.settings.protocol {
            Protocol::OpenId { .. } => None,
            Protocol::OAuth2(endpoints) => endpoints.recheck_after(),
        }
    }

    /// The client id of the gateway.
    pub(crate) fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// The name of the provider: its issuer, or its authorization endpoint.
    pub(crate) fn identity(&self) -> &str {
        match &self.settings.protocol {
            Protocol::OpenId { discovery, .. } => discovery.issuer(),
            Protocol::OAuth2(endpoints) => endpoints.metadata.authorize.as_str(),
        }
    }

    /// Whether the metadata has this optional endpoint with a URL that must not be used.
    pub(crate) async fn leaves_unused(&self, endpoint: &str) -> bool {
        let metadata = self.metadata().await;
        metadata.is_ok_and(|metadata| metadata.unused.contains(&endpoint))
    }

    pub(super) fn is_openid(&self) -> bool {
        matches!(self.settings.protocol, Protocol::OpenId { .. })
    }

    /// Fetches the metadata and the keys of an OpenID Connect provider now, to report at the start what would
    /// fail at the first sign-in. Plain OAuth 2.0 has neither, so that nothing is fetched.
    ///
    /// # Errors
    ///
    /// Returns [`ProviderError`] if the provider cannot be reached, or if its metadata or its keys cannot be
    /// used.
    pub async fn fetch(&self) -> Result<(), ProviderError> {
        self.metadata().await?;
        match &self.settings.protocol {
            Protocol::OpenId { keys, .. } => Ok(keys.fetch().await?),
            Protocol::OAuth2(_) => Ok(()),
        }
    }

    pub(super) async fn metadata(&self) -> Outcome {
        let settings = &self.settings;
        match &settings.protocol {
            Protocol::OpenId { discovery, .. } => {
                let Settings { client, clock, .. } = &**settings;
                discovery.metadata(client, clock, settings.timeout).await
            }
            Protocol::OAuth2(endpoints) => Ok(Arc::clone(&endpoints.metadata)),
        }
    }

    pub(super) fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("identity", &self.identity())
            .field("client_id", &self.settings.client_id)
            .field("scopes", &self.settings.scopes)
            .finish_non_exhaustive()
    }
}

/// RFC 6749 appendices A.1 and A.2.
fn require_visible(setting: &'static str, value: &str) -> Result<(), ConfigError> {
    let is_visible = |byte| matches!(byte, b' '..=b'~');
    if value.is_empty() || !value.bytes().all(is_visible) {
        let problem = "must be printable ASCII and not empty";
        return Err(ConfigError::new(setting, problem));
    }
    Ok(())
}
