use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;

use super::call;
use super::credentials::Credentials;
use super::error::CredentialsError;
use super::provider::{CredentialsFuture, CredentialsProvider, Outcome};
use super::refresh_times::RefreshTimes;
use crate::clock::{Clock, SystemClock};
use crate::flight::Flight;

/// Keeps the credentials that a source gives, and asks it for new ones before they expire.
///
/// See the [module docs](crate::aws) for when the source is asked, and who waits for it. A clone
/// costs a few counters and keeps the same credentials.
#[derive(Clone)]
pub struct RefreshingCredentials<P> {
    source: Arc<P>,
    settings: Arc<Settings>,
    state: Arc<State>,
}

#[derive(Clone)]
struct Settings {
    times: RefreshTimes,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    failure_observer: Arc<dyn Fn(&CredentialsError) + Send + Sync>,
}

#[derive(Default)]
struct State {
    kept: ArcSwapOption<Kept>,
    /// The call that is under way. The lock is held for a few steps, and never while one waits.
    flight: Mutex<Option<Flight<Outcome>>>,
}

/// The last answer of the source.
struct Kept {
    credentials: Credentials,
    /// `None` where the credentials do not expire.
    refresh_at: Option<SystemTime>,
}

/// What a request does for its credentials.
enum Step {
    Take(Credentials),
    WaitFor(Flight<Outcome>),
}

impl<P: CredentialsProvider> RefreshingCredentials<P> {
    /// Keeps what `source` gives.
    #[must_use]
    pub fn new(source: P) -> Self {
        let times = RefreshTimes {
            window: Duration::from_mins(5),
            jitter: Arc::new(|most| most.mul_f64(fastrand::f64())),
        };
        let settings = Settings {
            times,
            timeout: Duration::from_secs(5),
            clock: Arc::new(SystemClock),
            failure_observer: Arc::new(|_| {}),
        };
        Self {
            source: Arc::new(source),
            settings: Arc::new(settings),
            state: Arc::default(),
        }
    }

    /// How long before their expiry new credentials are asked for; 5 minutes unless told.
    ///
    /// The moment is drawn from the first half of the window, so that a fleet does not ask at once.
    /// After a failure, and where the source gave what expires within the window, a twentieth to a
    /// tenth of the window passes before it is asked again.
    #[must_use]
    pub fn with_refresh_window(mut self, window: Duration) -> Self {
        self.settings_mut().times.window = window;
        self
    }

    /// How long the source may take for an answer; 5 seconds unless told.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings_mut().timeout = timeout;
        self
    }

    /// Judges the expiry by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.settings_mut().clock = Arc::new(clock);
        self
    }

    /// Draws the moments by another source of chance: a function that chooses a duration between zero
    /// and the one that it is given.
    #[must_use]
    pub fn with_jitter(
        mut self,
        jitter: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().times.jitter = Arc::new(jitter);
        self
    }

    /// Calls `observer` for each call of the source that fails, such as to log it: while the last
    /// credentials are good, no request tells of the failure.
    #[must_use]
    pub fn with_failure_observer(
        mut self,
        observer: impl Fn(&CredentialsError) + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().failure_observer = Arc::new(observer);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    fn step(&self) -> Step {
        let now = self.settings.clock.now();
        let kept = self.state.kept.load();
        if let Some(credentials) = kept.as_deref().and_then(|kept| kept.before_refresh(now)) {
            return Step::Take(credentials);
        }
        let mut flight = self.state.flight();
        // Whoever had the lock before may have brought new ones.
        let kept = self.state.kept.load();
        let kept = kept.as_deref();
        if let Some(credentials) = kept.and_then(|kept| kept.before_refresh(now)) {
            return Step::Take(credentials);
        }
        match &*flight {
            Some(flight) if flight.has_waiters() => match kept.and_then(|kept| kept.good(now)) {
                Some(credentials) => Step::Take(credentials),
                None => Step::WaitFor(flight.clone()),
            },
            // Those who waited for it have left.
            Some(flight) if !flight.is_overdue() => Step::WaitFor(flight.clone()),
            _ => {
                let Settings { timeout, clock, .. } = &*self.settings;
                let asking = call::ask(Arc::clone(&self.source), Arc::clone(clock));
                let started = Flight::new(asking, *timeout, call::lost);
                *flight = Some(started.clone());
                Step::WaitFor(started)
            }
        }
    }

    async fn wait_for(&self, flight: Flight<Outcome>) -> Outcome {
        let outcome = flight.outcome().await;
        self.land(&flight, &outcome);
        outcome.or_else(|error| {
            let now = self.settings.clock.now();
            let kept = self.state.kept.load();
            kept.as_deref().and_then(|kept| kept.good(now)).ok_or(error)
        })
    }

    /// Keeps what a call brought, the first time that it is told.
    fn land(&self, landed: &Flight<Outcome>, outcome: &Outcome) {
        let Settings {
            times,
            clock,
            failure_observer,
            ..
        } = &*self.settings;
        let now = clock.now();
        let mut flight = self.state.flight();
        if !flight.as_ref().is_some_and(|flight| flight.is(landed)) {
            return;
        }
        *flight = None;
        let kept = match outcome {
            Ok(credentials) => Some(Kept {
                credentials: credentials.clone(),
                refresh_at: credentials
                    .expires_at()
                    .map(|expiry| times.after_answer(now, expiry)),
            }),
            // An error is not kept. What has expired is: it is not good any more, and its time to be
            // refreshed has come.
            Err(_) => self.state.kept.load().as_deref().map(|kept| Kept {
                credentials: kept.credentials.clone(),
                refresh_at: kept
                    .credentials
                    .expires_at()
                    .map(|expiry| times.after_failure(now, expiry)),
            }),
        };
        self.state.kept.store(kept.map(Arc::new));
        drop(flight);
        if let Err(error) = outcome {
            failure_observer(error);
        }
    }
}

impl State {
    fn flight(&self) -> MutexGuard<'_, Option<Flight<Outcome>>> {
        // No step under the lock leaves it in a state that is not whole.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The credentials, where it is too early to refresh them.
    fn before_refresh(&self, now: SystemTime) -> Option<Credentials> {
        let early = self.refresh_at.is_none_or(|refresh_at| now < refresh_at);
        early.then(|| self.credentials.clone())
    }

    /// The credentials, where they have not expired.
    fn good(&self, now: SystemTime) -> Option<Credentials> {
        let good = self
            .credentials
            .expires_at()
            .is_none_or(|expiry| now < expiry);
        good.then(|| self.credentials.clone())
    }
}

impl<P: CredentialsProvider> CredentialsProvider for RefreshingCredentials<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        match self.step() {
            Step::Take(credentials) => CredentialsFuture::ready(Ok(credentials)),
            Step::WaitFor(flight) => CredentialsFuture::new(self.wait_for(flight)),
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for RefreshingCredentials<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshingCredentials")
            .field("source", &self.source)
            .field("refresh_window", &self.settings.times.window)
            .field("timeout", &self.settings.timeout)
            .finish_non_exhaustive()
    }
}
