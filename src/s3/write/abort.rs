use std::future::Future;
use std::pin::Pin;

use tokio::runtime::Handle;

type Abort = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Aborts an upload unless it is disarmed: S3 would keep its parts, and charge for them.
pub(super) struct AbortOnDrop {
    abort: Option<Abort>,
}

impl AbortOnDrop {
    pub(super) fn new(abort: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            abort: Some(Box::pin(abort)),
        }
    }

    /// The upload is complete.
    pub(super) fn disarm(mut self) {
        self.abort = None;
    }

    /// Aborts now, and waits for it.
    pub(super) async fn abort(mut self) {
        // It stays in place while it runs, so that it goes on if nobody waits any more.
        if let Some(abort) = &mut self.abort {
            abort.await;
        }
        self.abort = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        // The client of an upload has left. Without a runtime, the process is about to end.
        if let (Some(abort), Ok(runtime)) = (self.abort.take(), Handle::try_current()) {
            runtime.spawn(abort);
        }
    }
}
