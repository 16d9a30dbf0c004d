use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CACHE_CONTROL;

use super::error::{JwksError, JwksErrorKind};
use super::origin::Origin;
use crate::cache_control::max_age;
use crate::clock::Clock;
use crate::jwt::{KeySet, LeftOutKey};
use crate::metrics;
use crate::refresh::{Answer, Jitter, Source};
use crate::upstream::{BearerClient, BearerToken, FetchClient};

/// How long after a fetch has begun no request begins another one, and how soon after a failure the next
/// one may begin. Everybody who can send a token can have keys fetched.
const COOLDOWN: Duration = Duration::from_secs(30);
/// How long keys are used while the issuer cannot be asked for newer ones.
const MAX_STALE: Duration = Duration::from_hours(24);
/// The bounds of the time after which keys are fetched again.
const REFRESH_AFTER: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(1));
/// The same, if the answer does not set it.
const USUAL: Duration = Duration::from_mins(10);

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) origin: Origin,
    pub(super) client: Arc<dyn FetchClient>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timeout: Duration,
    pub(super) bearer: Option<BearerToken>,
    pub(super) failure_observer: Arc<dyn Fn(&JwksError) + Send + Sync>,
    pub(super) left_out_observer: Arc<dyn Fn(&LeftOutKey) + Send + Sync>,
    /// The last document that was read, whether or not it had a usable key.
    pub(super) last_read: Arc<Mutex<Option<KeySet>>>,
}

impl Settings {
    fn client(&self) -> Arc<dyn FetchClient> {
        let client = Arc::clone(&self.client);
        match self.bearer.clone() {
            None => client,
            Some(token) => Arc::new(BearerClient {
                client,
                token,
                server: self.origin.uri().clone(),
            }),
        }
    }

    /// Reads a key set, and reports the keys that it leaves out and the last one did not.
    fn key_set(&self, document: &[u8]) -> Result<KeySet, JwksError> {
        let keys = KeySet::from_jwks(document).map_err(|error| {
            JwksError::new(JwksErrorKind::Keys, "the key set is malformed").with_source(error)
        })?;
        let last = {
            let mut last = self
                .last_read
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            last.replace(keys.clone())
        };
        let reported = last.as_ref().map(KeySet::left_out).unwrap_or_default();
        for key in keys.left_out().iter().filter(|key| !reported.contains(key)) {
            (self.left_out_observer)(key);
        }
        if keys.is_empty() {
            let problem = "the key set has no usable key";
            return Err(JwksError::new(JwksErrorKind::Withdrawn, problem));
        }
        Ok(keys)
    }
}

/// What a fetch brought.
#[derive(Clone)]
pub(super) struct Fetched {
    pub(super) keys: KeySet,
    /// What the keys were read from. If it is the same, the keys stay as they are, and with them the tokens
    /// that have been verified.
    document: Bytes,
}

impl Source for Arc<Settings> {
    type Value = Fetched;
    type Error = JwksError;

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn ask(
        &self,
        last: Option<&Fetched>,
    ) -> impl Future<Output = Result<Answer<Fetched>, JwksError>> + Send + use<> + 'static {
        let (settings, last) = (Self::clone(self), last.cloned());
        async move {
            let answer = settings.origin.fetch(&*settings.client()).await?;
            let max_age = max_age(answer.headers().get_all(CACHE_CONTROL).iter());
            let document = answer.into_body();
            let keys = match last.filter(|last| last.document == document) {
                Some(unchanged) => unchanged.keys,
                None => settings.key_set(&document)?,
            };
            metrics::key_set_fetched(settings.origin.host(), settings.clock.now());
            Ok(Answer {
                value: Fetched { keys, document },
                refresh_after: refresh_after(max_age, Jitter::RANDOM),
                good_for: MAX_STALE,
            })
        }
    }

    fn time_limit(&self) -> Duration {
        self.timeout
    }

    fn cooldown(&self) -> Duration {
        COOLDOWN
    }

    fn withdraws(&self, error: &JwksError) -> bool {
        error.kind() == JwksErrorKind::Withdrawn
    }

    fn failed(&self, error: &JwksError) {
        metrics::key_set_failed(self.origin.host());
        (self.failure_observer)(error);
    }
}

/// How long after the fetch: up to a tenth earlier than the answer allows.
fn refresh_after(max_age: Option<Duration>, jitter: Jitter) -> Duration {
    let (least, most) = REFRESH_AFTER;
    let allowed = max_age.unwrap_or(USUAL).clamp(least, most);
    allowed.saturating_sub(jitter.draw(allowed / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_is_always_within_its_bounds() {
        // The max-age in seconds; when to fetch again, for the least and for the most jitter, in
        // tenths of them.
        for (max_age, latest, earliest) in [
            (None, 6000, 5400),
            (Some(0), 600, 540),
            (Some(60), 600, 540),
            (Some(61), 610, 549),
            (Some(3600), 36000, 32400),
            (Some(86400), 36000, 32400),
            (Some(u64::MAX), 36000, 32400),
        ] {
            for (jitter, expected) in [(Jitter::LEAST, latest), (Jitter::MOST, earliest)] {
                let after = refresh_after(max_age.map(Duration::from_secs), jitter);
                assert_eq!(after, Duration::from_millis(100 * expected), "{max_age:?}");
            }
        }
    }
}
