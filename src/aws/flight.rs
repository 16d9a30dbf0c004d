use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::{Instant, timeout};

use super::error::CredentialsError;
use super::provider::{CredentialsProvider, Outcome};
use crate::clock::Clock;

/// One call of a source of credentials, which all who wait for it drive together. Whoever leaves
/// does not stop it for the others.
#[derive(Clone)]
pub(super) struct Flight {
    call: Shared<BoxFuture<'static, Outcome>>,
    started: Instant,
    time_limit: Duration,
}

impl Flight {
    /// Prepares a call; the first who waits for it begins it.
    pub(super) fn new(
        source: Arc<impl CredentialsProvider>,
        time_limit: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let call = async move {
            // A panic in a shared future would be every later waiter's.
            let call = AssertUnwindSafe(async { source.credentials().await }).catch_unwind();
            let outcome = timeout(time_limit, call).await.map_err(|_| {
                CredentialsError::new("the source of credentials has not answered in time")
            })?;
            let credentials = outcome
                .map_err(|_| CredentialsError::new("the source of credentials has panicked"))??;
            if credentials
                .expiry()
                .is_some_and(|expiry| expiry <= clock.now())
            {
                return Err(CredentialsError::new(
                    "the source gave credentials that have expired",
                ));
            }
            Ok(credentials)
        };
        Self {
            call: call.boxed().shared(),
            started: Instant::now(),
            time_limit,
        }
    }

    /// Waits for the answer.
    pub(super) async fn outcome(&self) -> Outcome {
        self.call.clone().await
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.call.ptr_eq(&other.call)
    }

    /// Whether anyone but the holder of this one clone waits.
    pub(super) fn has_waiters(&self) -> bool {
        self.call.strong_count().is_some_and(|clones| clones > 1)
    }

    /// Whether its time is up. A process that was frozen comes upon a call that nobody drove on.
    pub(super) fn is_overdue(&self) -> bool {
        self.started.elapsed() >= self.time_limit
    }
}
