use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::error::{ProviderError, ProviderErrorKind};
use super::metadata::ProviderMetadata;
use crate::clock::Clock;
use crate::flight::{Flight, Lost};
use crate::jwt::jwks::MetadataOrigin;
use crate::upstream::FetchClient;

/// How long metadata is used before it is read again.
const GOOD_FOR: Duration = Duration::from_hours(1);
/// How long after a failure nobody asks again.
const PAUSE: Duration = Duration::from_secs(5);

pub(super) type Outcome = Result<Arc<ProviderMetadata>, ProviderError>;

/// The metadata of one issuer, read when it is asked for. A clone shares it.
#[derive(Clone)]
pub(super) struct Discovery {
    origin: MetadataOrigin,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    known: Option<(Arc<ProviderMetadata>, SystemTime)>,
    failed: Option<(ProviderError, SystemTime)>,
    under_way: Option<Flight<Outcome>>,
}

impl Discovery {
    pub(super) fn new(origin: MetadataOrigin) -> Self {
        Self {
            origin,
            state: Arc::default(),
        }
    }

    pub(super) fn issuer(&self) -> &str {
        self.origin.issuer()
    }

    /// What is known, or else what all who wait for it fetch together. While newer metadata cannot be
    /// had, the last counts.
    pub(super) async fn metadata(
        &self,
        client: &Arc<dyn FetchClient>,
        clock: &dyn Clock,
        time_limit: Duration,
    ) -> Outcome {
        let now = clock.now();
        let flight = {
            let mut state = self.state();
            if let Some(outcome) = state.outcome(now) {
                return outcome;
            }
            let running = state.under_way.take().filter(|flight| !flight.is_overdue());
            let flight = running.unwrap_or_else(|| {
                let fetch = fetch(self.origin.clone(), Arc::clone(client));
                Flight::new(fetch, time_limit, |lost| Err(lost.into()))
            });
            state.under_way.insert(flight).clone()
        };
        let outcome = flight.outcome().await;
        let mut state = self.state();
        if state.under_way.as_ref().is_some_and(|own| own.is(&flight)) {
            state.land(&outcome, now, clock.now());
        }
        match (outcome, &state.known) {
            (Err(_), Some((known, _))) => Ok(Arc::clone(known)),
            (outcome, _) => outcome,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No step under the lock leaves it in a state that is not whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is to be told without asking.
    fn outcome(&self, now: SystemTime) -> Option<Outcome> {
        let failed = self.failed.as_ref();
        let failed = failed.filter(|(_, at)| is_within(*at, now, PAUSE));
        match (&self.known, failed) {
            (Some((known, since)), _) if is_within(*since, now, GOOD_FOR) => {
                Some(Ok(Arc::clone(known)))
            }
            (Some((known, _)), Some(_)) => Some(Ok(Arc::clone(known))),
            (None, Some((error, _))) => Some(Err(error.clone())),
            (_, None) => None,
        }
    }

    fn land(&mut self, outcome: &Outcome, began: SystemTime, ended: SystemTime) {
        self.under_way = None;
        match outcome {
            Ok(metadata) => {
                self.known = Some((Arc::clone(metadata), began));
                self.failed = None;
            }
            // One that was long in coming would else be over as soon as it is known.
            Err(error) => self.failed = Some((error.clone(), ended)),
        }
    }
}

/// A clock that has been set back has gone on for nobody knows how long.
fn is_within(since: SystemTime, now: SystemTime, limit: Duration) -> bool {
    now.duration_since(since).is_ok_and(|age| age < limit)
}

async fn fetch(origin: MetadataOrigin, client: Arc<dyn FetchClient>) -> Outcome {
    let metadata = origin.fetch(&*client).await?;
    ProviderMetadata::read(&metadata).map(Arc::new)
}

impl From<Lost> for ProviderError {
    fn from(lost: Lost) -> Self {
        let problem = match lost {
            Lost::TimedOut => "the provider's metadata has not come in time",
            Lost::Panicked => "the fetch of the provider's metadata has panicked",
        };
        Self::new(ProviderErrorKind::Unreachable, problem)
    }
}
