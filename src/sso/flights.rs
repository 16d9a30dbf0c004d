use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::seconds::Seconds;
use super::session::{Session, SessionId};
use super::trouble::{Trouble, Unkept};
use crate::clock::Clock;
use crate::refresh::Flight;

/// How many sessions share their calls to the provider. Requests of further sessions call by themselves.
const CAPACITY: usize = 1024;

/// The longest that a refresh or a recheck may take.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(25);

/// How long, at most, requests with the previous state of a session get the outcome of its call.
pub(super) const REMEMBERED: Duration = Duration::from_secs(30);

/// How long a failure counts before the provider is asked again.
const TROUBLE_REMEMBERED: Duration = Duration::from_secs(5);

/// The outcome of a call: the updated session, or why there is none.
pub(super) type Outcome = Result<Arc<Session>, Unkept>;

/// The calls to the provider that the requests of this process share.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedCalls {
    pub(super) refreshes: Flights,
    pub(super) rechecks: Flights,
}

/// The calls of one kind that are under way for sessions, and those that have just ended.
///
/// Requests with the same session share a call. A request that was sent before the answer to the first
/// one reached the browser has a used refresh token: using it again would end the session (RFC 9700
/// section 4.14.2).
#[derive(Clone, Default)]
pub(super) struct Flights {
    entries: Arc<Mutex<HashMap<SessionId, Entry>>>,
}

struct Entry {
    /// The state of the session that the call was made for.
    version: u64,
    flight: Flight<Outcome>,
    landed: Option<Landed>,
}

struct Landed {
    at: Seconds,
    remembered: Duration,
}

impl Flights {
    /// The outcome for a session in this state or an earlier one, by the call that is known for it, or by
    /// a new one.
    pub(super) async fn join(
        &self,
        id: SessionId,
        version: u64,
        remembered: Duration,
        clock: &Arc<dyn Clock>,
        call: impl Future<Output = Outcome> + Send + 'static,
    ) -> Outcome {
        let flight = self.find_or_begin(id, version, remembered, clock, call);
        flight.outcome().await
    }

    fn find_or_begin(
        &self,
        id: SessionId,
        version: u64,
        remembered: Duration,
        clock: &Arc<dyn Clock>,
        call: impl Future<Output = Outcome> + Send + 'static,
    ) -> Flight<Outcome> {
        let now = Seconds::of(clock.now());
        let mut entries = self.entries();
        entries.retain(|_, entry| entry.counts(now));
        if let Some(entry) = entries.get(&id).filter(|entry| version <= entry.version) {
            return entry.flight.clone();
        }
        let (this, clock) = (self.clone(), Arc::clone(clock));
        let call = async move {
            let outcome = call.await;
            this.land(&id, version, &outcome, remembered, Seconds::of(clock.now()));
            outcome
        };
        let flight = Flight::new(call, TIME_LIMIT, |_| Err(Unkept::Trouble(Trouble::Lost)));
        if entries.len() < CAPACITY || entries.contains_key(&id) {
            let entry = Entry {
                version,
                flight: flight.clone(),
                landed: None,
            };
            entries.insert(id, entry);
        }
        drop(entries);
        // The call continues if its requests are abandoned: its tokens are valid once.
        if let Ok(runtime) = Handle::try_current() {
            let carried = flight.clone();
            runtime.spawn(async move { carried.outcome().await });
        }
        flight
    }

    fn land(
        &self,
        id: &SessionId,
        version: u64,
        outcome: &Outcome,
        remembered: Duration,
        now: Seconds,
    ) {
        let mut entries = self.entries();
        let entry = entries.get_mut(id);
        if let Some(entry) = entry.filter(|entry| entry.version == version) {
            let remembered = match outcome {
                Err(Unkept::Trouble(_)) => remembered.min(TROUBLE_REMEMBERED),
                _ => remembered.min(REMEMBERED),
            };
            let at = now;
            entry.landed = Some(Landed { at, remembered });
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<SessionId, Entry>> {
        // No step under the lock leaves the map in an inconsistent state.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn counts(&self, now: Seconds) -> bool {
        match &self.landed {
            Some(landed) => now.apart(landed.at) < landed.remembered,
            None => !self.flight.is_overdue(),
        }
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights(..)")
    }
}

#[cfg(test)]
mod tests;
