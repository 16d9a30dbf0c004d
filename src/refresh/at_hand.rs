use std::sync::TryLockError;
use std::time::SystemTime;

use tokio::runtime::Handle;

use super::flight::{Flight, Lost};
use super::kept::{Call, Outcome, Progress, apart};
use super::source::Source;
use super::state::Refresh;

/// Whether there is a newer value than the one at hand.
pub(crate) enum Newer<T, E> {
    /// It is here.
    Kept(T),
    /// It may come.
    Coming(Flight<Outcome<T, E>>),
    /// There was none a moment ago.
    None,
    /// Nobody knows: the last call failed a moment ago, or there is no runtime to ask in.
    Unavailable,
}

impl<T, E> Refresh<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + From<Lost> + Send + Sync + 'static,
{
    /// What `pick` takes of the value, if that is good. If it is due, a task asks for a new one: nobody
    /// waits.
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
        // The holder of the lock before may have brought a new one.
        let kept = self.state.kept.load();
        let is_due = kept.as_ref().is_some_and(|kept| kept.is_due(now));
        let is_asked = last.as_ref().is_some_and(|call| {
            call.running(source.alone_limit()).is_some() || call.rests(now, source)
        });
        if is_due && !is_asked {
            self.begin_in_task(&mut last, source, now);
        }
    }

    /// A newer value than the one that a caller has seen: one that is kept, or else what a call brings. A
    /// task drives that, so that it goes on if the caller leaves.
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

    /// Waits for the call that is under way, or else for a new one, however early.
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
