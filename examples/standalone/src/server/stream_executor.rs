use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

tokio::task_local! {
    /// When the body of this stream last gave out data, if nothing has asked it for more since.
    static GIVEN: Cell<Option<Instant>>;
}

/// Records that the body of a stream was asked for data.
pub(super) fn asked() {
    // HTTP/1 has no streams: its connection is the stream.
    let _ = GIVEN.try_with(|given| given.set(None));
}

/// Records that the body of a stream gave out data. Returns whether it is a stream, of HTTP/2.
pub(super) fn given() -> bool {
    let now = Some(Instant::now());
    GIVEN.try_with(|given| given.set(now)).is_ok()
}

/// Runs the streams of HTTP/2, and resets one whose client takes nothing for `limit`.
///
/// hyper asks the body of a stream for more only when the client has taken what it had, so a body cannot
/// notice by itself that the client takes nothing. The executor can: it owns the stream's future. When it
/// drops that, h2 resets the stream, and the exchange with S3 ends. A wait for S3 is not the client's, and
/// has limits of its own.
#[derive(Clone, Debug)]
pub(super) struct StreamExecutor {
    limit: Duration,
}

impl StreamExecutor {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit }
    }
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        tokio::spawn(Stream {
            inner: Some(stream),
            given: None,
            timer: None,
            limit: self.limit,
        });
    }
}

pin_project! {
    struct Stream<F> {
        #[pin]
        inner: Option<F>,
        given: Option<Instant>,
        // It is not reset for each frame. When it fires, `given` is checked.
        #[pin]
        timer: Option<Sleep>,
        limit: Duration,
    }
}

impl<F: Future<Output = ()>> Future for Stream<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if let Some(inner) = this.inner.as_mut().as_pin_mut() {
            let poll = || (inner.poll(cx), GIVEN.with(Cell::get));
            let (polled, given) = GIVEN.sync_scope(Cell::new(*this.given), poll);
            *this.given = given;
            if polled.is_ready() {
                return Poll::Ready(());
            }
        }
        loop {
            let Some(given) = *this.given else {
                return Poll::Pending;
            };
            let end = given + *this.limit;
            let Some(timer) = this.timer.as_mut().as_pin_mut() else {
                this.timer.set(Some(sleep_until(end)));
                continue;
            };
            if timer.poll(cx).is_pending() {
                return Poll::Pending;
            }
            if end <= Instant::now() {
                this.inner.set(None);
                return Poll::Ready(());
            }
            this.timer.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::{Notify, oneshot};
    use tokio::time::sleep;

    use super::*;

    const LIMIT: Duration = Duration::from_mins(1);

    /// Runs a stream, and returns after how many seconds it has ended, by itself or not.
    async fn run(stream: impl Future<Output = ()> + Send + 'static) -> (u64, bool) {
        let begun = Instant::now();
        let (by_itself, ended) = oneshot::channel();
        StreamExecutor::new(LIMIT).execute(async move {
            stream.await;
            let _ = by_itself.send(());
        });
        let by_itself = ended.await.is_ok();
        (begun.elapsed().as_secs(), by_itself)
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_client_that_takes_nothing_is_cut_off() {
        let minutes = |minutes: u64| sleep(LIMIT * u32::try_from(minutes).unwrap());
        let slow_store = run(async move {
            asked();
            minutes(9).await;
        });
        assert_eq!(slow_store.await, (540, true));
        let slow_client = run(async {
            for _ in 0..9 {
                asked();
                given();
                sleep(Duration::from_secs(59)).await;
            }
        });
        assert_eq!(slow_client.await, (531, true));
        let reads_nothing = run(async move {
            sleep(Duration::from_secs(10)).await;
            asked();
            given();
            minutes(9).await;
        });
        assert_eq!(reads_nothing.await, (70, false));
        let reads_once = run(async move {
            asked();
            given();
            sleep(Duration::from_secs(50)).await;
            asked();
            minutes(2).await;
            given();
            minutes(9).await;
        });
        assert_eq!(reads_once.await, (50 + 120 + 60, false));
    }

    #[tokio::test(start_paused = true)]
    async fn waking_a_stream_does_not_prolong_it() {
        let notify = Arc::new(Notify::new());
        let other = Arc::clone(&notify);
        let pinger = tokio::spawn(async move {
            loop {
                sleep(Duration::from_secs(7)).await;
                other.notify_one();
            }
        });
        let woken = run(async move {
            asked();
            given();
            loop {
                notify.notified().await;
            }
        });
        assert_eq!(woken.await, (60, false));
        pinger.abort();
    }
}
