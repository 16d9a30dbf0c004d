use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::entry::Entry;
use crate::error_chain::BoxError;

pin_project! {
    /// A body that counts the bytes sent, for the entry that is written when the body is dropped.
    pub(crate) struct LoggedBody<B> {
        #[pin]
        inner: B,
        entry: Entry,
    }
}

impl<B: Body> LoggedBody<B> {
    pub(super) fn wrap(mut response: Response<B>, mut entry: Entry) -> Response<Self> {
        entry.answer(&mut response);
        response.map(|inner| Self { inner, entry })
    }
}

impl<B> Body for LoggedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx)).map(|frame| frame.map_err(Into::into));
        match &frame {
            Some(Ok(frame)) => this.entry.send(frame.data_ref().map_or(0, Bytes::len)),
            Some(Err(error)) => this.entry.fail(&**error),
            None => this.entry.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
