use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;

use super::flight::{Flight, Lost};
use super::kept::{Call, Kept, Outcome, Progress};
use super::source::Source;

/// A value that is kept, and fetched again in time. A clone shares it.
pub(crate) struct Refresh<T, E> {
    pub(super) state: Arc<State<T, E>>,
}

pub(super) struct State<T, E> {
    /// Stored under the lock, and read without it.
    pub(super) kept: ArcSwapOption<Kept<T>>,
    /// The lock is held for a few steps, and never across an `await`.
    pub(super) last: Mutex<Option<Call<T, E>>>,
}

/// The next step of a caller of [`Refresh::get`].
pub(crate) enum Step<T, E> {
    Ready(Result<T, E>),
    Wait(Flight<Outcome<T, E>>),
}

impl<T, E> Refresh<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + From<Lost> + Send + Sync + 'static,
{
    /// The kept value if it is not due, or else the outcome of a call. If the call fails, the kept value
    /// while it is good, or else the error of the call.
    pub(crate) async fn get(&self, source: &impl Source<Value = T, Error = E>) -> Result<T, E> {
        match self.step(source) {
            Step::Ready(outcome) => outcome,
            Step::Wait(flight) => self.wait(source, flight).await,
        }
    }

    /// The first half of [`Refresh::get`], which does not wait.
    pub(crate) fn step(&self, source: &impl Source<Value = T, Error = E>) -> Step<T, E> {
        let now = source.now();
        if let Some(value) = self.fresh(now) {
            return Step::Ready(Ok(value));
        }
        let mut last = self.last();
        // The previous holder of the lock may have stored a new one.
        if let Some(value) = self.fresh(now) {
            return Step::Ready(Ok(value));
        }
        let good = self.good(now);
        if let Some(call) = &*last {
            if let Some(flight) = call.running(source.alone_limit()) {
                return match good {
                    Some(value) if flight.has_waiters() => Step::Ready(Ok(value)),
                    _ => Step::Wait(flight.clone()),
                };
            }
            if call.rests(now, source) {
                match (good, &call.progress) {
                    (Some(value), _) => return Step::Ready(Ok(value)),
                    (None, Progress::Failed { error, .. }) => {
                        return Step::Ready(Err(error.clone()));
                    }
                    _ => {}
                }
            }
        }
        Step::Wait(self.begin(&mut last, source, now))
    }

    /// The second half of [`Refresh::get`].
    pub(crate) async fn wait(
        &self,
        source: &impl Source<Value = T, Error = E>,
        flight: Flight<Outcome<T, E>>,
    ) -> Result<T, E> {
        let outcome = self.outcome(source, flight).await;
        outcome.or_else(|error| self.good(source.now()).ok_or(error))
    }

    /// Waits for the outcome of a call. The first caller to get it stores it.
    pub(crate) async fn outcome(
        &self,
        source: &impl Source<Value = T, Error = E>,
        flight: Flight<Outcome<T, E>>,
    ) -> Result<T, E> {
        let outcome = flight.outcome().await;
        self.land(source, &flight, &outcome);
        outcome.map(|answer| answer.value)
    }

    pub(super) fn begin(
        &self,
        last: &mut Option<Call<T, E>>,
        source: &impl Source<Value = T, Error = E>,
        now: SystemTime,
    ) -> Flight<Outcome<T, E>> {
        let kept = self.state.kept.load();
        let call = source.ask(kept.as_ref().map(|kept| &kept.answer.value));
        let flight = Flight::new(call, source.time_limit(), |lost| Err(lost.into()));
        *last = Some(Call {
            began: now,
            progress: Progress::Running(flight.clone()),
        });
        flight
    }

    fn land(
        &self,
        source: &impl Source<Value = T, Error = E>,
        landed: &Flight<Outcome<T, E>>,
        outcome: &Outcome<T, E>,
    ) {
        let now = source.now();
        let mut last = self.last();
        let Some(call) = &mut *last else { return };
        match &call.progress {
            Progress::Running(flight) if flight.is(landed) => {}
            _ => return,
        }
        call.progress = match outcome {
            Ok(answer) => {
                self.state.kept.store(Some(Arc::new(Kept {
                    answer: answer.clone(),
                    began: call.began,
                })));
                Progress::Succeeded
            }
            Err(error) => {
                if source.withdraws(error) {
                    self.state.kept.store(None);
                }
                Progress::Failed {
                    ended: now,
                    pause: source.pause(self.good(now).as_ref()),
                    error: error.clone(),
                }
            }
        };
        drop(last);
        if let Err(error) = outcome {
            source.failed(error);
        }
    }

    fn fresh(&self, now: SystemTime) -> Option<T> {
        let kept = self.state.kept.load();
        let kept = kept.as_ref().filter(|kept| !kept.is_due(now))?;
        kept.good(now).cloned()
    }

    pub(super) fn good(&self, now: SystemTime) -> Option<T> {
        let kept = self.state.kept.load();
        kept.as_ref()?.good(now).cloned()
    }
}

impl<T, E> Refresh<T, E> {
    pub(super) fn last(&self) -> MutexGuard<'_, Option<Call<T, E>>> {
        // No step under the lock leaves it in a state that is not whole.
        let last = self.state.last.lock();
        last.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E> Default for Refresh<T, E> {
    fn default() -> Self {
        let state = State {
            kept: ArcSwapOption::empty(),
            last: Mutex::default(),
        };
        Self {
            state: Arc::new(state),
        }
    }
}

impl<T, E> Clone for Refresh<T, E> {
    fn clone(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
        }
    }
}

impl<T, E> fmt::Debug for Refresh<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refresh(..)")
    }
}
