use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::{Instant, timeout};

/// One outside call, which all its callers drive together. A caller that leaves does not stop it for the
/// others.
#[derive(Clone)]
pub(crate) struct Flight<T> {
    call: Shared<BoxFuture<'static, T>>,
    started: Instant,
    time_limit: Duration,
}

/// Why a call was cut off without an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    TimedOut,
    /// It panicked, or the runtime in which it began is gone.
    Panicked,
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Prepares a call, which begins when it is first awaited. `lost` makes the outcome if the call is cut
    /// off.
    pub(crate) fn new(
        call: impl Future<Output = T> + Send + 'static,
        time_limit: Duration,
        lost: impl FnOnce(Lost) -> T + Send + 'static,
    ) -> Self {
        let call = async move {
            // A panic in a shared future would reach every later caller. The timer panics as well if the
            // runtime in which the call began is gone.
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

    /// Whether its time is up. A process that was frozen may find such a call.
    pub(crate) fn is_overdue(&self) -> bool {
        self.started.elapsed() >= self.time_limit
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.call.ptr_eq(&other.call)
    }

    /// Whether anyone but the holder of this clone waits for it.
    pub(super) fn has_waiters(&self) -> bool {
        self.call.strong_count().is_some_and(|clones| clones > 1)
    }

    /// Whether it may still be waited for.
    pub(super) fn is_joinable(&self, alone_limit: Duration) -> bool {
        self.started.elapsed() < alone_limit || (self.has_waiters() && !self.is_overdue())
    }
}
