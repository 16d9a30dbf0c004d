use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::seconds::Seconds;
use super::session::{Session, SessionId};
use super::trouble::{Trouble, Unkept};
use crate::clock::Clock;
use crate::flight::Flight;

/// So many sessions share their calls to the provider. What is beyond calls by itself.
const CAPACITY: usize = 1024;

/// Nothing that a session is kept up by takes longer.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(25);

/// How long requests that were under way with the session as it was are told what has become of it, at
/// most.
pub(super) const REMEMBERED: Duration = Duration::from_secs(30);

/// How long a failure counts before the provider is asked again.
const TROUBLE_REMEMBERED: Duration = Duration::from_secs(5);

/// What became of a session: it, with what is new, or why there is nothing new.
pub(super) type Outcome = Result<Arc<Session>, Unkept>;

/// What the upkeep of sessions shares between the requests of this process.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedCalls {
    pub(super) refreshes: Flights,
    pub(super) rechecks: Flights,
}

/// The calls of one kind that are under way for sessions, and those that have just ended.
///
/// Requests with the same session share a call. Those that were sent before the answer to the first
/// reached the browser show a session whose refresh token is used up: to use it again would end the
/// session (RFC 9700 section 4.14.2).
#[derive(Clone, Default)]
pub(super) struct Flights {
    entries: Arc<Mutex<HashMap<SessionId, Entry>>>,
}

struct Entry {
    /// Which state of the session the call was for.
    version: u64,
    flight: Flight<Outcome>,
    landed: Option<Landed>,
}

struct Landed {
    at: Seconds,
    remembered: Duration,
}

impl Flights {
    /// What becomes of a session in this state, or an earlier one: by the call for it, else by a new
    /// one.
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
        // It goes on where whoever needs it leaves: what it brings is good once.
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
        // No step under the lock leaves them in a state that is not whole.
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
