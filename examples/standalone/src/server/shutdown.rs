use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long shutdown may take, from the signal on.
#[derive(Clone, Debug)]
pub(crate) struct ShutdownTimes {
    /// How long requests on open connections are still answered, with notice that these will close.
    pub(crate) grace: Duration,
    /// When answers that are still running are cut off.
    pub(crate) deadline: Duration,
}

impl Default for ShutdownTimes {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(3),
            deadline: Duration::from_secs(30),
        }
    }
}

/// Whether shutdown has begun. All connections share it.
#[derive(Clone, Default)]
pub(super) struct Stopping {
    begun: Arc<AtomicBool>,
}

impl Stopping {
    pub(super) fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }
}
