use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::credentials::Credentials;
use super::error::CredentialsError;
use super::provider::{CredentialsFuture, CredentialsProvider};
use crate::clock::{Clock, SystemClock};
use crate::metrics;
use crate::refresh::{Answer, Jitter, Lost, Refresh, Source, Step};

/// How long before their expiry credentials are due. The second half is left for failures.
const WINDOW: Duration = Duration::from_mins(5);

/// Keeps the credentials that a source gives, and asks it for new ones before they expire.
///
/// See the [module docs](crate::aws) for when the source is asked, and who waits for it. A clone
/// costs a few counters and keeps the same credentials.
#[derive(Clone)]
pub struct RefreshingCredentials<P> {
    settings: Settings<P>,
    refresh: Refresh<Credentials, CredentialsError>,
}

struct Settings<P> {
    source: Arc<P>,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    failure_observer: Arc<dyn Fn(&CredentialsError) + Send + Sync>,
}

impl<P: CredentialsProvider> RefreshingCredentials<P> {
    /// Keeps what `source` gives.
    #[must_use]
    pub fn new(source: P) -> Self {
        Self {
            settings: Settings {
                source: Arc::new(source),
                timeout: Duration::from_secs(5),
                clock: Arc::new(SystemClock),
                failure_observer: Arc::new(|_| {}),
            },
            refresh: Refresh::default(),
        }
    }

    /// How long the source may take for an answer (default 5 seconds).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Judges the expiry by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// Calls `observer` for each call of the source that fails, for example to log it: while the last
    /// credentials are good, no request reports the failure.
    #[must_use]
    pub fn with_failure_observer(
        mut self,
        observer: impl Fn(&CredentialsError) + Send + Sync + 'static,
    ) -> Self {
        self.settings.failure_observer = Arc::new(observer);
        self
    }
}

impl<P: CredentialsProvider> CredentialsProvider for RefreshingCredentials<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        match self.refresh.step(&self.settings) {
            Step::Ready(outcome) => CredentialsFuture::ready(outcome),
            Step::Wait(flight) => CredentialsFuture::new(self.refresh.wait(&self.settings, flight)),
        }
    }
}

impl<P: CredentialsProvider> Source for Settings<P> {
    type Value = Credentials;
    type Error = CredentialsError;

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn ask(
        &self,
        _last: Option<&Credentials>,
    ) -> impl Future<Output = Result<Answer<Credentials>, CredentialsError>> + Send + use<P> + 'static
    {
        let (source, clock) = (Arc::clone(&self.source), Arc::clone(&self.clock));
        let began = self.now();
        async move {
            let credentials = source.credentials().await?;
            metrics::credentials_fetched(clock.now());
            let Some(expiry) = credentials.expires_at() else {
                return Ok(Answer::lasting(credentials, Duration::MAX));
            };
            let now = clock.now();
            let left = expiry.duration_since(now).unwrap_or_default();
            if left.is_zero() {
                let problem = "the source gave credentials that have expired";
                return Err(CredentialsError::new(problem));
            }
            let elapsed = now.duration_since(began).unwrap_or_default();
            Ok(Answer {
                value: credentials,
                refresh_after: elapsed + after_answer(left, Jitter::RANDOM),
                good_for: elapsed + left,
            })
        }
    }

    fn time_limit(&self) -> Duration {
        self.timeout
    }

    fn pause(&self, good: Option<&Credentials>) -> Duration {
        let expiry = good.and_then(Credentials::expires_at);
        let left = expiry.and_then(|expiry| expiry.duration_since(self.now()).ok());
        after_failure(left.unwrap_or_default(), Jitter::RANDOM)
    }

    fn failed(&self, error: &CredentialsError) {
        metrics::credentials_failed();
        (self.failure_observer)(error);
    }
}

/// How long after an answer to ask again, while it is good for `left`.
fn after_answer(left: Duration, jitter: Jitter) -> Duration {
    let ahead = WINDOW.saturating_sub(jitter.draw(WINDOW / 2));
    // A source may repeat what it gave, or give credentials that live shorter than the window.
    left.saturating_sub(ahead).max(after_failure(left, jitter))
}

/// How long after a failure to ask again, while the last answer is good for `left`.
fn after_failure(left: Duration, jitter: Jitter) -> Duration {
    left.min((WINDOW / 10).saturating_sub(jitter.draw(WINDOW / 20)))
}

impl From<Lost> for CredentialsError {
    fn from(lost: Lost) -> Self {
        Self::new(match lost {
            Lost::TimedOut => "the source of credentials has not answered in time",
            Lost::Panicked => "the source of credentials has panicked",
        })
    }
}

impl<P> Clone for Settings<P> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            timeout: self.timeout,
            clock: Arc::clone(&self.clock),
            failure_observer: Arc::clone(&self.failure_observer),
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for RefreshingCredentials<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshingCredentials")
            .field("source", &self.settings.source)
            .field("timeout", &self.settings.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_is_always_within_its_bounds() {
        // Seconds until the expiry; until the source is asked after an answer and after a failure, for the
        // least and for the most jitter.
        for (name, left, answer, failure) in [
            ("an hour's credentials", 3600, (3300, 3450), (30, 15)),
            ("in the first half of the window", 200, (30, 50), (30, 15)),
            ("in the second half", 100, (30, 15), (30, 15)),
            ("shorter than the pause", 10, (10, 10), (10, 10)),
            ("expired", 0, (0, 0), (0, 0)),
        ] {
            let left = Duration::from_secs(left);
            for (jitter, answer, failure) in [
                (Jitter::LEAST, answer.0, failure.0),
                (Jitter::MOST, answer.1, failure.1),
            ] {
                assert_eq!(after_answer(left, jitter).as_secs(), answer, "{name}");
                assert_eq!(after_failure(left, jitter).as_secs(), failure, "{name}");
            }
        }
    }
}
