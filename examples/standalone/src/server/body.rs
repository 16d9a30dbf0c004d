use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::activity::UnderWay;
use super::stream_executor::{asked, given};

pin_project! {
    /// The body of an answer, whose request is under way until this is dropped. It tells the executor
    /// whether its client takes the data.
    pub(super) struct ServedBody<B> {
        #[pin]
        inner: B,
        _under_way: Option<UnderWay>,
    }
}

impl<B> ServedBody<B> {
    pub(super) fn new(inner: B, under_way: Option<UnderWay>) -> Self {
        Self {
            inner,
            _under_way: under_way,
        }
    }
}

impl<B: Body> Body for ServedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        asked();
        let polled = self.project().inner.poll_frame(cx);
        if let Poll::Ready(Some(Ok(_))) = &polled {
            given();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
