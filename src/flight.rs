use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::{Instant, timeout};

/// One call of something outside, which all who wait for it drive together. Whoever leaves does not
/// stop it for the others.
#[derive(Clone)]
pub(crate) struct Flight<T> {
    call: Shared<BoxFuture<'static, T>>,
    started: Instant,
    time_limit: Duration,
}

/// Why a call came to no end of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    TimedOut,
    Panicked,
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Prepares a call; the first who waits for it begins it. `lost` tells what the outcome is where
    /// the call has none.
    pub(crate) fn new(
        call: impl Future<Output = T> + Send + 'static,
        time_limit: Duration,
        lost: impl FnOnce(Lost) -> T + Send + 'static,
    ) -> Self {
        let call = async move {
            // A panic in a shared future would be every later waiter's. The timer panics as well, where
            // the runtime is gone in which the call began.
            let timed = AssertUnwindSafe(async { timeout(time_limit, call).await });
            match timed.catch_unwind().await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => lost(Lost::TimedOut),
                Err(_) => lost(Lost::Panicked),
            }
        };
        Self {
            call: call.boxed().shared(),
            started: Instant::now(),
            time_limit,
        }
    }

    /// Waits for the outcome.
    pub(crate) async fn outcome(&self) -> T {
        self.call.clone().await
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.call.ptr_eq(&other.call)
    }

    /// Whether anyone but the holder of this one clone waits.
    #[cfg(feature = "sigv4")]
    pub(crate) fn has_waiters(&self) -> bool {
        self.call.strong_count().is_some_and(|clones| clones > 1)
    }

    /// Whether its time is up. A process that was frozen comes upon a call that nobody drove on.
    pub(crate) fn is_overdue(&self) -> bool {
        self.started.elapsed() >= self.time_limit
    }
}
