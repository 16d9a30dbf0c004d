use std::time::{Duration, SystemTime};

use super::flight::Lost;

/// How a value is fetched, and how often.
pub(crate) trait Source: Send + Sync {
    type Value: Clone + Send + Sync + 'static;
    type Error: Clone + From<Lost> + Send + Sync + 'static;

    /// The time, by which the age of a value is measured.
    fn now(&self) -> SystemTime;

    /// A call for a new value. `last` is the last one that a call returned, good or not.
    fn ask(
        &self,
        last: Option<&Self::Value>,
    ) -> impl Future<Output = Result<Answer<Self::Value>, Self::Error>> + Send + use<Self> + 'static;

    /// How long a call may take.
    fn time_limit(&self) -> Duration;

    /// For how long after its beginning an abandoned call, which has no callers left, can be joined.
    fn alone_limit(&self) -> Duration {
        self.time_limit()
    }

    /// The least time from the beginning of a call to that of the next, unless the first has succeeded.
    fn cooldown(&self) -> Duration {
        Duration::ZERO
    }

    /// The least time from the end of a failed call to the beginning of the next. `good` is the last value,
    /// if it is still good.
    fn pause(&self, good: Option<&Self::Value>) -> Duration {
        let _ = good;
        Duration::ZERO
    }

    /// Whether a failed call shows that the kept value must no longer be used.
    fn withdraws(&self, error: &Self::Error) -> bool {
        let _ = error;
        false
    }

    /// Called once for each call that fails, outside of any lock.
    fn failed(&self, error: &Self::Error) {
        let _ = error;
    }
}

/// The value that a call returned. The durations count from the beginning of the call.
#[derive(Clone)]
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    /// How long until a new value is asked for.
    pub(crate) refresh_after: Duration,
    /// How long the value is returned while there is no newer one.
    pub(crate) good_for: Duration,
}

impl<T> Answer<T> {
    /// A value that is good for this long, and fetched again only after that.
    pub(crate) fn lasting(value: T, good_for: Duration) -> Self {
        Self {
            value,
            refresh_after: good_for,
            good_for,
        }
    }
}
