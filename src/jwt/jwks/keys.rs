use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::error::JwksError;
#[cfg(feature = "sso")]
use super::metadata::MetadataOrigin;
use super::origin::Origin;
use super::refresh_times::RefreshTimes;
use super::state::State;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::upstream::{Cleartext, FetchClient, ReqwestClient};

/// The keys of one issuer, fetched from a URL, and fetched again as they change.
///
/// See the [module docs](crate::jwt::jwks) for when they are fetched, and who waits for it. A clone
/// costs a few counters and keeps the same keys.
#[derive(Clone)]
pub struct JwksKeys {
    pub(super) settings: Arc<Settings>,
    pub(super) state: Arc<State>,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) origin: Origin,
    pub(super) client: Arc<dyn FetchClient>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) times: RefreshTimes,
    pub(super) cooldown: Duration,
    pub(super) max_stale: Duration,
    pub(super) timeout: Duration,
    pub(super) failure_observer: Arc<dyn Fn(&JwksError) + Send + Sync>,
}

impl JwksKeys {
    /// The keys of the set at this URL: `https`, or `http` to a loopback address.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for another URL, and where the certificate authorities of the machine cannot
    /// be read.
    pub fn new(url: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::key_set(url, Cleartext::FromLoopback)?)
    }

    /// The keys that the metadata of this issuer points to.
    ///
    /// The metadata is `{issuer}/.well-known/openid-configuration` (OIDC Discovery 1.0) or,
    /// where that is answered with a client error, `/.well-known/oauth-authorization-server` before
    /// the issuer's path (RFC 8414). The `issuer` in it has to be the same, byte for byte. It is read
    /// again whenever the keys are, since they may move.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the issuer is not an `https` URL, or an `http` one of a loopback address,
    /// or has a query or a fragment, and where the certificate authorities of the machine cannot be
    /// read.
    pub fn discover(issuer: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::discover(issuer, Cleartext::FromLoopback)?)
    }

    /// As [`JwksKeys::new`], and over `http` from any host: whoever can answer in its place can sign
    /// any token.
    ///
    /// # Errors
    ///
    /// As for [`JwksKeys::new`].
    pub fn insecure_new_over_http(url: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::key_set(url, Cleartext::FromAnyHost)?)
    }

    /// As [`JwksKeys::discover`], and over `http` from any host: whoever can answer in its place can
    /// sign any token.
    ///
    /// # Errors
    ///
    /// As for [`JwksKeys::discover`].
    pub fn insecure_discover_over_http(issuer: &str) -> Result<Self, ConfigError> {
        Self::at(Origin::discover(issuer, Cleartext::FromAnyHost)?)
    }

    /// The keys that this metadata points to.
    #[cfg(feature = "sso")]
    pub(crate) fn of_metadata(origin: MetadataOrigin, client: Arc<dyn FetchClient>) -> Self {
        Self::over(Origin::Metadata(origin), client)
    }

    fn at(origin: Origin) -> Result<Self, ConfigError> {
        Ok(Self::over(origin, Arc::new(ReqwestClient::new()?)))
    }

    fn over(origin: Origin, client: Arc<dyn FetchClient>) -> Self {
        let times = RefreshTimes {
            least: Duration::from_mins(1),
            most: Duration::from_hours(1),
            jitter: Arc::new(|most| most.mul_f64(fastrand::f64())),
        };
        let settings = Settings {
            origin,
            client,
            clock: Arc::new(SystemClock),
            times,
            cooldown: Duration::from_secs(30),
            max_stale: Duration::from_hours(24),
            timeout: Duration::from_secs(5),
            failure_observer: Arc::new(|_| {}),
        };
        Self {
            settings: Arc::new(settings),
            state: Arc::default(),
        }
    }

    /// Fetches by another client.
    #[must_use]
    pub fn with_client(mut self, client: impl FetchClient) -> Self {
        self.settings_mut().client = Arc::new(client);
        self
    }

    /// How long after a fetch has begun no request begins another one, and how soon after a failure
    /// the next one is due; 30 seconds unless told.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for less than a second: everybody who can send a token can have one fetched.
    pub fn with_cooldown(mut self, cooldown: Duration) -> Result<Self, ConfigError> {
        if cooldown < Duration::from_secs(1) {
            return Err(ConfigError::new("cooldown", "it is less than a second"));
        }
        self.settings_mut().cooldown = cooldown;
        Ok(self)
    }

    /// The bounds for the time after which keys are fetched again: that of the answer's
    /// `Cache-Control: max-age`, else 10 minutes. A minute to an hour unless told.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for less than a second, and where the first is more than the second.
    pub fn with_refresh_after(
        mut self,
        bounds: RangeInclusive<Duration>,
    ) -> Result<Self, ConfigError> {
        let (least, most) = bounds.into_inner();
        if least < Duration::from_secs(1) || least > most {
            let problem = "from a second on, and the least first";
            return Err(ConfigError::new("refresh after", problem));
        }
        let times = &mut self.settings_mut().times;
        (times.least, times.most) = (least, most);
        Ok(self)
    }

    /// How long keys are used while no newer ones can be fetched; 24 hours unless told.
    #[must_use]
    pub fn with_max_stale(mut self, max_stale: Duration) -> Self {
        self.settings_mut().max_stale = max_stale;
        self
    }

    /// How long a fetch may take, metadata, connections and redirects included; 5 seconds unless told.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings_mut().timeout = timeout;
        self
    }

    /// Judges the age of the keys and the cooldown by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.settings_mut().clock = Arc::new(clock);
        self
    }

    /// Draws the moments of refresh by another source of chance: a function that chooses a duration
    /// between zero and the one that it is given.
    #[must_use]
    pub fn with_jitter(
        mut self,
        jitter: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().times.jitter = Arc::new(jitter);
        self
    }

    /// Calls `observer` for each fetch that fails, such as to log it: while the last keys are good, no
    /// request tells of the failure.
    #[must_use]
    pub fn with_failure_observer(
        mut self,
        observer: impl Fn(&JwksError) + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().failure_observer = Arc::new(observer);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// Fetches the keys now, or waits for the fetch that is under way: to fail at the start rather
    /// than at the first request, or in a task of one's own.
    ///
    /// It heeds no cooldown. It has to be awaited within a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`JwksError`] where it fails. The last keys stay in use.
    pub async fn fetch(&self) -> Result<(), JwksError> {
        let flight = self.flight_of_fetch();
        self.outcome_of(flight).await.map(|_| ())
    }
}

impl fmt::Debug for JwksKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_struct("JwksKeys")
            .field("origin", &settings.origin)
            .field("cooldown", &settings.cooldown)
            .field("max_stale", &settings.max_stale)
            .field("timeout", &settings.timeout)
            .finish_non_exhaustive()
    }
}
