use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream that fails once no byte has moved in either direction for `limit`.
///
/// It is below TLS and HTTP, so it covers a client that sends nothing, a client that reads nothing, and
/// a client that is gone.
pub(super) struct IdleStream<T> {
    inner: T,
    limit: Duration,
    moved: Instant,
    /// It is not reset for every byte. When it fires, `moved` is checked.
    timer: Pin<Box<Sleep>>,
}

impl<T> IdleStream<T> {
    pub(super) fn new(inner: T, limit: Duration) -> Self {
        Self {
            inner,
            limit,
            moved: Instant::now(),
            timer: Box::pin(sleep(limit)),
        }
    }

    /// Records that a byte has moved, or waits for the limit if none could.
    fn judge<R>(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if polled.is_ready() {
            self.moved = Instant::now();
            return polled;
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let end = self.moved + self.limit;
            if Instant::now() >= end {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.timer.as_mut().reset(end);
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for IdleStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        self.judge(cx, polled)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for IdleStream<T> {
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

    // A socket flushes and shuts down without the client's help, so nothing is recorded here.
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

    use super::*;

    const LIMIT: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn slow_streams_continue_and_silent_ones_fail() {
        let (ours, mut theirs) = duplex(1);
        let begun = Instant::now();
        let mut ours = IdleStream::new(ours, LIMIT);
        let slow = tokio::spawn(async move {
            for _ in 0..5 {
                sleep(Duration::from_secs(59)).await;
                theirs.write_all(b"x").await.unwrap();
            }
            theirs
        });
        for _ in 0..5 {
            assert_eq!(ours.read_u8().await.unwrap(), b'x');
        }
        let _theirs = slow.await.unwrap();
        let error = ours.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 5 * 59 + 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_is_silent() {
        let (ours, _theirs) = duplex(1);
        let begun = Instant::now();
        let mut ours = IdleStream::new(ours, LIMIT);
        let error = ours.write_all(b"xx").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 60);
    }
}
