use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// The source of the current time.
///
/// Every part that needs the time takes a clock, by default [`SystemClock`], so that a test can choose
/// the time.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
        SystemTime::now()
    }
}
