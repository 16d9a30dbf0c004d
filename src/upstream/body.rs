use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;

use super::BoxError;

/// The body of a request that a part of this crate sends: empty, bytes or a stream.
pub struct RequestBody {
    kind: Kind,
}

enum Kind {
    /// No bytes if the body is empty.
    Bytes(Bytes),
    Stream(UnsyncBoxBody<Bytes, BoxError>),
}

impl RequestBody {
    /// An empty body.
    #[must_use]
    pub fn empty() -> Self {
        Self::from(Bytes::new())
    }

    /// A body that is sent frame by frame. [`HttpClient`](super::HttpClient) sends its length if its
    /// size hint is exact, and sends it in chunks otherwise.
    #[must_use]
    pub fn stream<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self {
            kind: Kind::Stream(body.map_err(Into::into).boxed_unsync()),
        }
    }
}

impl Default for RequestBody {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self {
            kind: Kind::Bytes(bytes),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.kind {
            Kind::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http::HeaderMap;
    use http_body_util::{Full, StreamBody};

    use super::*;

    #[tokio::test]
    async fn a_body_tells_its_length_and_its_end() {
        let bytes = Bytes::from_static(b"wheel");
        let trailers = Frame::trailers(HeaderMap::from_iter([(
            http::header::ETAG,
            http::HeaderValue::from_static("x"),
        )]));
        let frames = [Ok(Frame::data(bytes.clone())), Ok(trailers)];
        let frames = StreamBody::new(stream::iter(frames.map(|it: std::io::Result<_>| it)));
        for (name, body, exact, is_end, sent, trailers) in [
            ("empty", RequestBody::empty(), Some(0), true, "", 0),
            ("default", RequestBody::default(), Some(0), true, "", 0),
            ("bytes", bytes.clone().into(), Some(5), false, "wheel", 0),
            (
                "a stream of known length",
                RequestBody::stream(Full::new(bytes)),
                Some(5),
                false,
                "wheel",
                0,
            ),
            (
                "a stream with trailers",
                RequestBody::stream(frames),
                None,
                false,
                "wheel",
                1,
            ),
        ] {
            assert_eq!(body.size_hint().exact(), exact, "{name}");
            assert_eq!(body.is_end_stream(), is_end, "{name}");
            let read = body.collect().await.unwrap();
            assert_eq!(
                read.trailers().map_or(0, HeaderMap::len),
                trailers,
                "{name}"
            );
            assert_eq!(read.to_bytes(), sent, "{name}");
        }
    }

    #[tokio::test]
    async fn an_error_of_the_stream_is_kept() {
        let frames = [Err::<Frame<Bytes>, _>(std::io::Error::other("disk"))];
        let body = RequestBody::stream(StreamBody::new(stream::iter(frames)));
        assert_eq!(body.collect().await.unwrap_err().to_string(), "disk");
    }
}
