use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Activity;

/// A stream that fails when no byte could be written for `limit`.
///
/// It is below TLS and HTTP, so it covers a client that reads nothing, and a client that is gone. Reads have
/// no limit here: while the client is silent, either it is idle or it waits. What it sends is reported to the
/// connection's [`Activity`], which has limits.
pub(super) struct StalledWrites<T> {
    inner: T,
    limit: Duration,
    activity: Arc<Activity>,
    /// The end of the wait, while a write waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<T> StalledWrites<T> {
    pub(super) fn new(inner: T, limit: Duration, activity: Arc<Activity>) -> Self {
        Self {
            inner,
            limit,
            activity,
            timer: None,
        }
    }

    /// Waits for the limit if no byte could be written.
    fn judge(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if polled.is_ready() {
            self.timer = None;
            return polled;
        }
        self.activity.is_behind();
        let limit = self.limit;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for StalledWrites<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.activity.has_sent();
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for StalledWrites<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.judge(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.judge(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    // A socket flushes and shuts down without the client's help.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::sleep;

    use super::*;

    const LIMIT: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn slow_readers_continue_and_silent_ones_fail() {
        let (ours, mut theirs) = duplex(1);
        let begun = Instant::now();
        let mut ours = StalledWrites::new(ours, LIMIT, Activity::begin(Arc::default()));
        let slow = tokio::spawn(async move {
            for _ in 0..5 {
                sleep(Duration::from_secs(59)).await;
                theirs.read_u8().await.unwrap();
            }
            theirs
        });
        ours.write_all(b"12345").await.unwrap();
        let _theirs = slow.await.unwrap();
        ours.write_all(b"6").await.unwrap();
        let error = ours.write_all(b"7").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 5 * 59 + 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_client_may_be_read_from() {
        let (ours, mut theirs) = duplex(1);
        let mut ours = StalledWrites::new(ours, LIMIT, Activity::begin(Arc::default()));
        let late = tokio::spawn(async move {
            sleep(LIMIT * 9).await;
            theirs.write_all(b"x").await.unwrap();
        });
        assert_eq!(ours.read_u8().await.unwrap(), b'x');
        late.await.unwrap();
    }
}
