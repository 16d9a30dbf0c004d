use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portcullis::Clock;

/// A clock that stands still until a test moves it.
#[derive(Clone, Debug)]
pub(crate) struct StandingClock(Arc<AtomicU64>);

impl StandingClock {
    pub(crate) fn new() -> Self {
        Self::at(1_000_000_000)
    }

    /// A clock at this number of seconds since 1970.
    pub(crate) fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds * 1000)))
    }

    pub(crate) fn set(&self, seconds: u64) {
        self.0.store(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn set_back(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_sub(millis, Ordering::Relaxed);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}
