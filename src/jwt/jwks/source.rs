use std::sync::Arc;
use std::time::SystemTime;

use http::header::CACHE_CONTROL;
use tokio::runtime::Handle;

use super::error::{JwksError, JwksErrorKind};
use super::kept::{Fetched, Kept};
use super::keys::{JwksKeys, Settings};
use super::refresh_times::apart;
use super::state::{Fetches, Last, Outcome};
use crate::cache_control::max_age;
use crate::flight::Flight;
use crate::jwt::{KeySet, KeySource, NewerKeys};

impl KeySource for JwksKeys {
    fn keys(&self) -> Option<Arc<KeySet>> {
        let now = self.settings.clock.now();
        let kept = self.state.kept.load();
        let kept = kept.as_deref()?;
        if kept.is_due(now) {
            self.refresh(now);
        }
        kept.good(now, self.settings.max_stale)
    }

    fn newer_than(&self, seen: Option<&KeySet>) -> NewerKeys {
        let now = self.settings.clock.now();
        let mut fetches = self.state.fetches();
        let kept = self.state.kept.load();
        let good = kept
            .as_deref()
            .and_then(|kept| kept.good(now, self.settings.max_stale));
        if let Some(keys) = &good
            && seen.is_none_or(|seen| seen.generation() != keys.generation())
        {
            // They have come since.
            return NewerKeys::later(std::future::ready(good));
        }
        let flight = match (fetches.running(), &fetches.last) {
            (Some(flight), _) => Some(flight.clone()),
            (None, Some(last)) if apart(now, last.began) < self.settings.cooldown => {
                return match good {
                    Some(_) if last.succeeded => NewerKeys::None,
                    _ => NewerKeys::Unavailable,
                };
            }
            (None, _) => self.begin(&mut fetches, now),
        };
        drop(fetches);
        match flight {
            Some(flight) => {
                let this = self.clone();
                NewerKeys::later(async move {
                    let outcome = this.outcome_of(flight).await;
                    outcome.ok().map(|fetched| fetched.keys)
                })
            }
            None => NewerKeys::Unavailable,
        }
    }
}

impl JwksKeys {
    /// Begins a fetch of keys that are due, unless one is under way or somebody else is about to.
    fn refresh(&self, now: SystemTime) {
        let Ok(mut fetches) = self.state.fetches.try_lock() else {
            return;
        };
        // Whoever had the lock before may have begun one.
        let is_due = self
            .state
            .kept
            .load()
            .as_ref()
            .is_some_and(|kept| kept.is_due(now));
        if is_due && fetches.running().is_none() {
            self.begin(&mut fetches, now);
        }
    }

    /// The fetch that is under way, or else a new one.
    pub(super) fn flight_of_fetch(&self) -> Flight<Outcome> {
        let mut fetches = self.state.fetches();
        match fetches.running() {
            Some(flight) => flight.clone(),
            None => self.prepare(&mut fetches, self.settings.clock.now()),
        }
    }

    /// Begins a fetch in a task, so that it goes on where whoever needs it leaves. Outside of a tokio
    /// runtime there is none.
    fn begin(&self, fetches: &mut Fetches, now: SystemTime) -> Option<Flight<Outcome>> {
        let runtime = Handle::try_current().ok()?;
        let flight = self.prepare(fetches, now);
        let (this, carried) = (self.clone(), flight.clone());
        runtime.spawn(async move { this.outcome_of(carried).await });
        Some(flight)
    }

    fn prepare(&self, fetches: &mut Fetches, now: SystemTime) -> Flight<Outcome> {
        let Settings {
            timeout, cooldown, ..
        } = &*self.settings;
        let kept = self.state.kept.load_full();
        let this = Arc::clone(&self.settings);
        let fetch = fetch(this, kept.clone());
        let flight = Flight::new(fetch, *timeout, |lost| Err(lost.into()));
        fetches.under_way = Some(flight.clone());
        fetches.last = Some(Last {
            began: now,
            succeeded: false,
        });
        let kept = kept.map(|kept| Arc::new(kept.looked_after(now, *cooldown)));
        self.state.kept.store(kept);
        flight
    }

    /// Waits for a fetch, and takes over what it brought, the first time that it is told.
    pub(super) async fn outcome_of(&self, flight: Flight<Outcome>) -> Outcome {
        let outcome = flight.outcome().await;
        self.land(&flight, &outcome);
        outcome
    }

    fn land(&self, landed: &Flight<Outcome>, outcome: &Outcome) {
        let mut fetches = self.state.fetches();
        let Fetches {
            under_way,
            last: Some(last),
        } = &mut *fetches
        else {
            return;
        };
        if !under_way.as_ref().is_some_and(|flight| flight.is(landed)) {
            return;
        }
        *under_way = None;
        if let Ok(fetched) = outcome {
            last.succeeded = true;
            self.state.kept.store(Some(Arc::new(Kept {
                fetched: fetched.clone(),
                // Not now: a process that was frozen may come upon an answer of long ago.
                since: last.began,
                looked_at: last.began,
                look_after: fetched.refresh_after,
            })));
        }
        drop(fetches);
        if let Err(error) = outcome {
            (self.settings.failure_observer)(error);
        }
    }
}

async fn fetch(settings: Arc<Settings>, kept: Option<Arc<Kept>>) -> Outcome {
    let answer = settings.origin.fetch(&*settings.client).await?;
    let max_age = max_age(answer.headers().get_all(CACHE_CONTROL).iter());
    let refresh_after = settings.times.after(max_age);
    let document = answer.into_body();
    let unchanged = kept.filter(|kept| kept.fetched.document == document);
    let keys = match unchanged {
        Some(kept) => Arc::clone(&kept.fetched.keys),
        None => Arc::new(key_set(&document)?),
    };
    Ok(Fetched {
        keys,
        document,
        refresh_after,
    })
}

fn key_set(document: &[u8]) -> Result<KeySet, JwksError> {
    let unusable = |problem| JwksError::new(JwksErrorKind::Keys, problem);
    let keys = KeySet::from_jwks(document)
        .map_err(|error| unusable("the key set cannot be used").with_source(error))?;
    if keys.is_empty() {
        return Err(unusable("there is no key in the set that can be used"));
    }
    Ok(keys)
}
