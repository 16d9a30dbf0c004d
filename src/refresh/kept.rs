use std::time::{Duration, SystemTime};

use super::flight::Flight;
use super::source::{Answer, Source};

/// The outcome of a call.
pub(super) type Outcome<T, E> = Result<Answer<T>, E>;

/// The last value that a call brought.
pub(super) struct Kept<T> {
    pub(super) answer: Answer<T>,
    /// When the call began.
    pub(super) began: SystemTime,
}

impl<T> Kept<T> {
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        apart(now, self.began) >= self.answer.refresh_after
    }

    /// The value, unless it is too old.
    pub(super) fn good(&self, now: SystemTime) -> Option<&T> {
        (apart(now, self.began) < self.answer.good_for).then_some(&self.answer.value)
    }
}

/// The last call.
pub(super) struct Call<T, E> {
    pub(super) began: SystemTime,
    pub(super) progress: Progress<T, E>,
}

pub(super) enum Progress<T, E> {
    /// It is under way, or was abandoned by its callers.
    Running(Flight<Outcome<T, E>>),
    Succeeded,
    Failed {
        ended: SystemTime,
        pause: Duration,
        error: E,
    },
}

impl<T, E> Call<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// The call, if it may still be waited for.
    pub(super) fn running(&self, alone_limit: Duration) -> Option<&Flight<Outcome<T, E>>> {
        match &self.progress {
            Progress::Running(flight) => Some(flight).filter(|it| it.is_joinable(alone_limit)),
            _ => None,
        }
    }

    /// Whether it is too early for another call.
    pub(super) fn rests(&self, now: SystemTime, source: &impl Source) -> bool {
        let in_cooldown = apart(now, self.began) < source.cooldown();
        match &self.progress {
            Progress::Running(_) => in_cooldown,
            Progress::Succeeded => false,
            Progress::Failed { ended, pause, .. } => in_cooldown || apart(now, *ended) < *pause,
        }
    }
}

/// The distance between two moments. If a clock is set back by more than a limit, the limit counts as
/// passed: the true time that has passed is unknown.
pub(super) fn apart(one: SystemTime, other: SystemTime) -> Duration {
    let apart = one.duration_since(other);
    apart.unwrap_or_else(|error| error.duration())
}
