use std::sync::TryLockError;
use std::time::SystemTime;

use tokio::runtime::Handle;

use super::flight::{Flight, Lost};
use super::kept::{Call, Outcome, Progress, apart};
use super::source::Source;
use super::state::Refresh;

/// Whether there is a newer value than the one at hand.
pub(crate) enum Newer<T, E> {
    /// This one, which is kept already.
    Kept(T),
    /// A call is under way that may return one.
    Coming(Flight<Outcome<T, E>>),
    /// There is none: the last call returned the value at hand, a moment ago.
    None,
    /// Unknown: the last call failed a moment ago, or there is no runtime for another one.
    Unavailable,
}

impl<T, E> Refresh<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + From<Lost> + Send + Sync + 'static,
{
    /// What `pick` takes from the value, if the value is good. It never waits: if the value is due, a task
    /// fetches a new one.
    pub(crate) fn at_hand<S, R>(&self, source: &S, pick: impl FnOnce(&T) -> R) -> Option<R>
    where
        S: Source<Value = T, Error = E> + Clone + 'static,
    {
        let now = source.now();
        let kept = self.state.kept.load();
        let kept = kept.as_ref()?;
        if kept.is_due(now) {
            self.renew(source, now);
        }
        kept.good(now).map(pick)
    }

    fn renew<S>(&self, source: &S, now: SystemTime)
    where
        S: Source<Value = T, Error = E> + Clone + 'static,
    {
        let mut last = match self.state.last.try_lock() {
            Ok(last) => last,
            Err(TryLockError::Poisoned(last)) => last.into_inner(),
            // Its holder is about to ask, or has just got an answer.
            Err(TryLockError::WouldBlock) => return,
        };
        // The previous holder of the lock may have stored a new one.
        let kept = self.state.kept.load();
        let is_due = kept.as_ref().is_some_and(|kept| kept.is_due(now));
        let is_asked = last.as_ref().is_some_and(|call| {
            call.running(source.alone_limit()).is_some() || call.rests(now, source)
        });
        if is_due && !is_asked {
            self.begin_in_task(&mut last, source, now);
        }
    }

    /// A newer value than the one that a caller has seen: the kept one, or else the outcome of a call. A
    /// task drives the call, so that it continues if the caller leaves.
    pub(crate) fn newer<S>(&self, source: &S, is_newer: impl FnOnce(&T) -> bool) -> Newer<T, E>
    where
        S: Source<Value = T, Error = E> + Clone + 'static,
    {
        let now = source.now();
        let mut last = self.last();
        let good = self.good(now);
        if let Some(value) = good.as_ref().filter(|value| is_newer(value)) {
            return Newer::Kept(value.clone());
        }
        if let Some(call) = &*last {
            if let Some(flight) = call.running(source.alone_limit()) {
                return Newer::Coming(flight.clone());
            }
            if apart(now, call.began) < source.cooldown() {
                return match (&call.progress, good) {
                    (Progress::Succeeded, Some(_)) => Newer::None,
                    _ => Newer::Unavailable,
                };
            }
        }
        let begun = self.begin_in_task(&mut last, source, now);
        begun.map_or(Newer::Unavailable, Newer::Coming)
    }

    /// Waits for the call that is under way, or else for a new one, without regard to cooldown and pause.
    pub(crate) async fn call(&self, source: &impl Source<Value = T, Error = E>) -> Result<T, E> {
        let flight = {
            let mut last = self.last();
            let running = last
                .as_ref()
                .and_then(|call| call.running(source.alone_limit()));
            match running {
                Some(flight) => flight.clone(),
                None => self.begin(&mut last, source, source.now()),
            }
        };
        self.outcome(source, flight).await
    }

    fn begin_in_task<S>(
        &self,
        last: &mut Option<Call<T, E>>,
        source: &S,
        now: SystemTime,
    ) -> Option<Flight<Outcome<T, E>>>
    where
        S: Source<Value = T, Error = E> + Clone + 'static,
    {
        let runtime = Handle::try_current().ok()?;
        let flight = self.begin(last, source, now);
        let (this, source, carried) = (self.clone(), source.clone(), flight.clone());
        runtime.spawn(async move { this.outcome(&source, carried).await.err() });
        Some(flight)
    }
}
