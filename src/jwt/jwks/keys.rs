use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::error::JwksError;
use super::fetch::{Fetched, Settings};
#[cfg(feature = "sso")]
use super::metadata::MetadataOrigin;
use super::origin::Origin;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::jwt::{KeySet, KeySource, LeftOutKey, NewerKeys};
use crate::refresh::{Newer, Refresh};
use crate::secret::Secret;
#[cfg(feature = "sso")]
use crate::upstream::DocumentUrl;
use crate::upstream::{BearerToken, Cleartext, FetchClient, ReqwestClient};

/// The keys of one issuer, fetched from a URL, and fetched again in time.
///
/// See the [module docs](crate::jwt::jwks) for when they are fetched, and who waits for it. A clone
/// costs a few counters and keeps the same keys.
#[derive(Clone)]
pub struct JwksKeys {
    settings: Arc<Settings>,
    refresh: Refresh<Fetched, JwksError>,
}

impl JwksKeys {
    /// The keys of the set at this URL: `https`, or `http` to a loopback address.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for any other URL, and if the certificate authorities of the machine cannot
    /// be read.
    pub fn new(url: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::key_set(url, Cleartext::FromLoopback)?)
    }

    /// The keys that the metadata of this issuer points to.
    ///
    /// The metadata is at `{issuer}/.well-known/openid-configuration` (OIDC Discovery 1.0) or, if that is
    /// answered with a client error, at `/.well-known/oauth-authorization-server` before the issuer's path
    /// (RFC 8414). The `issuer` in it must be the same, byte for byte. It is read again whenever the keys
    /// are, since they may move.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the issuer is not an `https` URL, or an `http` URL of a loopback address,
    /// or has a query or a fragment, and if the certificate authorities of the machine cannot be read.
    pub fn discover(issuer: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::discover(issuer, Cleartext::FromLoopback)?)
    }

    /// Like [`JwksKeys::new`], but also over `http` from any host: anybody on the way to it can sign any
    /// token.
    ///
    /// # Errors
    ///
    /// The same as for [`JwksKeys::new`].
    pub fn insecure_new_over_http(url: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::key_set(url, Cleartext::FromAnyHost)?)
    }

    /// Like [`JwksKeys::discover`], but also over `http` from any host: anybody on the way to it can sign
    /// any token.
    ///
    /// # Errors
    ///
    /// The same as for [`JwksKeys::discover`].
    pub fn insecure_discover_over_http(issuer: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::discover(issuer, Cleartext::FromAnyHost)?)
    }

    /// The keys that this metadata points to.
    #[cfg(feature = "sso")]
    pub(crate) fn of_metadata(origin: MetadataOrigin, client: Arc<dyn FetchClient>) -> Self {
        Self::over(Origin::Metadata(origin), client)
    }

    /// Takes the keys from this metadata instead.
    #[cfg(feature = "sso")]
    pub(crate) fn at_metadata(self, origin: MetadataOrigin) -> Self {
        self.at_origin(Origin::Metadata(origin))
    }

    /// Takes the keys from the set at this URL instead.
    #[cfg(feature = "sso")]
    pub(crate) fn at_url(self, url: DocumentUrl) -> Self {
        self.at_origin(Origin::KeySet(url))
    }

    #[cfg(feature = "sso")]
    fn at_origin(mut self, origin: Origin) -> Self {
        self.settings_mut().origin = origin;
        // Clones share what was fetched from the other place.
        self.refresh = Refresh::default();
        self
    }

    fn at(origin: Origin) -> Result<Self, ConfigError> {
        Ok(Self::over(origin, Arc::new(ReqwestClient::new()?)))
    }

    fn over(origin: Origin, client: Arc<dyn FetchClient>) -> Self {
        let settings = Settings {
            origin,
            client,
            clock: Arc::new(SystemClock),
            timeout: Duration::from_secs(5),
            bearer: None,
            failure_observer: Arc::new(|_| {}),
            left_out_observer: Arc::new(|_| {}),
            last_read: Arc::new(Mutex::new(None)),
        };
        Self {
            settings: Arc::new(settings),
            refresh: Refresh::default(),
        }
    }

    /// Fetches through another client.
    #[must_use]
    pub fn with_client(mut self, client: impl FetchClient) -> Self {
        self.settings_mut().client = Arc::new(client);
        self
    }

    /// How long a fetch may take, including metadata, connections and redirects (default 5 seconds).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings_mut().timeout = timeout;
        self
    }

    /// Measures the age of the keys by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.settings_mut().clock = Arc::new(clock);
        self
    }

    /// Sends this bearer token to the server of the URL or the issuer, over `https` or to the machine itself. No
    /// other server gets it: not by a redirect, nor if the metadata has the keys elsewhere.
    #[must_use]
    pub fn with_bearer_token(mut self, token: Secret) -> Self {
        self.settings_mut().bearer = Some(BearerToken::Fixed(token));
        self
    }

    /// Like [`with_bearer_token`](Self::with_bearer_token), with the token in a file, which is read for each
    /// request: a Kubernetes API server asks for such a token, and replaces it every hour. White space around the
    /// token has no effect.
    #[must_use]
    pub fn with_bearer_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings_mut().bearer = Some(BearerToken::File(path.into()));
        self
    }

    /// Calls `observer` for each fetch that fails, for example to log it: while the last keys are good, no
    /// request reports the failure.
    #[must_use]
    pub fn with_failure_observer(
        mut self,
        observer: impl Fn(&JwksError) + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().failure_observer = Arc::new(observer);
        self
    }

    /// Calls `observer` for each key of the set that cannot be used, for example to log it: its tokens are
    /// refused as if there were no such key. A key is reported once, and again only after it was usable or
    /// absent.
    #[must_use]
    pub fn with_left_out_observer(
        mut self,
        observer: impl Fn(&LeftOutKey) + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().left_out_observer = Arc::new(observer);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// Fetches the keys now, or waits for the fetch that is under way: to fail at startup rather than at
    /// the first request, or in a task of your own.
    ///
    /// It does not wait 30 seconds after the last fetch. It must be awaited within a tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`JwksError`] if the fetch fails. The last keys stay in use, unless its kind is
    /// [`Withdrawn`](crate::jwt::jwks::JwksErrorKind::Withdrawn).
    pub async fn fetch(&self) -> Result<(), JwksError> {
        self.refresh.call(&self.settings).await.map(drop)
    }
}

impl KeySource for JwksKeys {
    fn keys(&self) -> Option<KeySet> {
        let keys = |fetched: &Fetched| fetched.keys.clone();
        self.refresh.at_hand(&self.settings, keys)
    }

    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys {
        let is_newer = |fetched: &Fetched| seen.is_none_or(|seen| !seen.ptr_eq(&fetched.keys));
        match self.refresh.newer(&self.settings, is_newer) {
            Newer::Kept(fetched) => NewerKeys::later(std::future::ready(Some(fetched.keys))),
            Newer::Coming(flight) => {
                let this = self.clone();
                NewerKeys::later(async move {
                    let outcome = this.refresh.outcome(&this.settings, flight).await;
                    outcome.ok().map(|fetched| fetched.keys)
                })
            }
            Newer::None => NewerKeys::None,
            Newer::Unavailable => NewerKeys::Unavailable,
        }
    }
}

impl fmt::Debug for JwksKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_struct("JwksKeys")
            .field("origin", &settings.origin)
            .field("timeout", &settings.timeout)
            .finish_non_exhaustive()
    }
}
