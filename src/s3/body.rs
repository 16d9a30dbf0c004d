use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use super::error::{S3Error, S3ErrorKind};
use crate::upstream::BoxError;

pin_project! {
    /// The bytes of an object as S3 sends them.
    ///
    /// It ends in an [`S3Error`] if the connection ends before the object does, if S3 sends fewer or more
    /// bytes than it announced, or if it sends nothing for longer than the idle timeout. Only the wait for
    /// S3 counts: a slow client does not make the object late.
    pub struct ObjectBody<B> {
        #[pin]
        inner: B,
        idle_timeout: Duration,
        // Made at the first wait; a short object needs none. Boxed so that the body is `Unpin` if the
        // client's own is.
        idle: Option<Pin<Box<Sleep>>>,
        waiting: bool,
        // The bytes still to come, if S3 announced a length.
        left: Option<u64>,
    }
}

impl<B> ObjectBody<B> {
    pub(super) fn new(inner: B, idle_timeout: Duration) -> Self {
        Self {
            inner,
            idle_timeout,
            idle: None,
            waiting: false,
            left: None,
        }
    }

    /// The body fails if it is shorter or longer.
    pub(super) fn expect_length(&mut self, length: Option<u64>) {
        self.left = length;
    }
}

/// Counts these bytes, or the end.
fn count(left: &mut Option<u64>, data: Option<&Bytes>) -> Result<(), &'static str> {
    let Some(left) = left else { return Ok(()) };
    match data {
        None if *left > 0 => Err("it is shorter than announced"),
        None => Ok(()),
        Some(data) => {
            let rest = left.checked_sub(data.len() as u64);
            *left = rest.ok_or("it is longer than announced")?;
            Ok(())
        }
    }
}

/// An empty body, as layers such as tower-http's `CorsLayer` need one.
impl<B: Default> Default for ObjectBody<B> {
    fn default() -> Self {
        Self::new(B::default(), Duration::MAX)
    }
}

impl<B> Body for ObjectBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = S3Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, S3Error>>> {
        let this = self.project();
        if let Poll::Ready(frame) = this.inner.poll_frame(cx) {
            *this.waiting = false;
            let interrupted = |error| S3Error::without_answer(S3ErrorKind::Interrupted, error);
            let frame = frame
                .transpose()
                .map_err(|error| interrupted(error.into()))?;
            // Without trailers, whose fields nobody has judged.
            let data = frame.and_then(|frame| frame.into_data().ok());
            count(this.left, data.as_ref()).map_err(|problem| interrupted(problem.into()))?;
            return Poll::Ready(data.map(|data| Ok(Frame::data(data))));
        }
        if !std::mem::replace(this.waiting, true) {
            match this.idle {
                // Not `reset`, which takes an instant: the longest timeouts would overflow it.
                Some(idle) => idle.set(sleep(*this.idle_timeout)),
                None => *this.idle = Some(Box::pin(sleep(*this.idle_timeout))),
            }
        }
        let late = this
            .idle
            .as_mut()
            .is_some_and(|idle| idle.as_mut().poll(cx).is_ready());
        if late {
            let problem = format!("nothing came for {:?}", this.idle_timeout);
            let error = S3Error::without_answer(S3ErrorKind::TimedOut, problem);
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B> fmt::Debug for ObjectBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use futures_util::stream;
    use http_body_util::{BodyExt, Collected, Full, StreamBody};
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use super::*;

    const IDLE: Duration = Duration::from_secs(30);

    fn body() -> (
        mpsc::UnboundedSender<Result<Bytes, std::io::Error>>,
        ObjectBody<impl Body<Data = Bytes, Error = std::io::Error> + Unpin>,
    ) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let frames = stream::unfold(receiver, |mut receiver| async {
            let bytes: Result<Bytes, _> = receiver.recv().await?;
            Some((bytes.map(Frame::data), receiver))
        });
        (
            sender,
            ObjectBody::new(StreamBody::new(Box::pin(frames)), IDLE),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_wait_for_s3_counts() {
        let (s3, mut body) = body();
        // A slow S3 and a slower client: no wait for S3 is as long as the timeout.
        for _ in 0..3 {
            let later = async {
                sleep(IDLE.mul_f64(0.9)).await;
                s3.send(Ok(Bytes::from_static(b"x"))).unwrap();
            };
            let (frame, ()) = tokio::join!(body.frame(), later);
            assert!(frame.unwrap().is_ok());
            sleep(IDLE * 10).await;
        }
        drop(s3);
        assert!(body.frame().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_s3_times_out() {
        let (s3, mut body) = body();
        s3.send(Ok(Bytes::from_static(b"x"))).unwrap();
        assert!(body.frame().await.unwrap().is_ok());
        let begun = Instant::now();
        let error = body.frame().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), S3ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), IDLE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_timeout_never_ends() {
        let (s3, mut body) = body();
        body.idle_timeout = Duration::MAX;
        for _ in 0..2 {
            let later = async {
                sleep(IDLE).await;
                s3.send(Ok(Bytes::from_static(b"x"))).unwrap();
            };
            let (frame, ()) = tokio::join!(body.frame(), later);
            assert!(frame.unwrap().is_ok());
        }
    }

    #[test]
    fn length_and_end_are_the_inner_bodys() {
        for (bytes, is_end) in [(&b""[..], true), (b"object", false)] {
            let body = ObjectBody::new(Full::new(Bytes::from_static(bytes)), IDLE);
            assert_eq!(body.is_end_stream(), is_end);
            assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        }
        let default = ObjectBody::<crate::upstream::HttpBody>::default();
        assert!(default.is_end_stream());
        assert_eq!(default.size_hint().exact(), Some(0));
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_announced() {
        for (name, announced, sent, outcome) in [
            ("whole", Some(6), &["obje", "ct"][..], Ok("object")),
            ("unknown", None, &["object"], Ok("object")),
            (
                "short",
                Some(7),
                &["object"],
                Err("it is shorter than announced"),
            ),
            (
                "long",
                Some(5),
                &["obje", "ct"],
                Err("it is longer than announced"),
            ),
            ("empty", Some(1), &[], Err("it is shorter than announced")),
        ] {
            let (s3, mut body) = body();
            body.expect_length(announced);
            for bytes in sent {
                s3.send(Ok(Bytes::from_static(bytes.as_bytes()))).unwrap();
            }
            drop(s3);
            let read = body.collect().await.map(Collected::to_bytes);
            let read = read.map_err(|error| error.source().unwrap().to_string());
            let outcome = outcome.map(Bytes::from).map_err(str::to_owned);
            assert_eq!(read, outcome, "{name}");
        }
    }

    #[tokio::test]
    async fn trailers_of_s3_are_left_out() {
        let trailers = http::HeaderMap::from_iter([(
            http::header::SET_COOKIE,
            http::HeaderValue::from_static("x"),
        )]);
        let frames = [
            Frame::data(Bytes::from_static(b"x")),
            Frame::trailers(trailers),
        ];
        let frames = StreamBody::new(stream::iter(frames.map(Ok::<_, std::io::Error>)));
        let read = ObjectBody::new(frames, IDLE).collect().await.unwrap();
        assert!(read.trailers().is_none());
        assert_eq!(read.to_bytes(), "x");
    }

    #[tokio::test]
    async fn an_error_of_the_connection_is_an_interruption() {
        let (s3, mut body) = body();
        s3.send(Err(std::io::Error::other("reset"))).unwrap();
        let error = body.frame().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), S3ErrorKind::Interrupted);
        assert_eq!(error.source().unwrap().to_string(), "reset");
    }
}
