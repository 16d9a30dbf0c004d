use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::activity::UnderWay;
use super::stream_executor::{asked, given};

/// What a stream of HTTP/2 may leave untaken when it is over for hyper, in bytes.
const UNTAKEN: usize = 1024;

pin_project! {
    /// The body of an answer, whose request is under way until this is dropped. It tells the executor
    /// whether its client takes the data.
    ///
    /// hyper hands a whole part to h2 once the client has room for one byte of it, and has done with the
    /// stream after the last part. h2 would keep that for as long as the client takes nothing, and nobody
    /// would count it. So the last byte comes by itself: hyper waits with it until the client has room
    /// for all the others.
    pub(super) struct ServedBody<B> {
        #[pin]
        inner: B,
        last_byte: Option<Bytes>,
        under_way: Option<UnderWay>,
    }
}

impl<B> ServedBody<B> {
    pub(super) fn new(inner: B, under_way: Option<UnderWay>) -> Self {
        Self {
            inner,
            last_byte: None,
            under_way,
        }
    }
}

impl<B: Body<Data = Bytes>> Body for ServedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        asked();
        let mut this = self.project();
        this.under_way.as_mut().map(UnderWay::take);
        if let Some(byte) = this.last_byte.take() {
            given();
            this.under_way.as_mut().map(UnderWay::give);
            return Poll::Ready(Some(Ok(Frame::data(byte))));
        }
        let polled = this.inner.as_mut().poll_frame(cx);
        let Poll::Ready(Some(Ok(frame))) = polled else {
            return polled;
        };
        this.under_way.as_mut().map(UnderWay::give);
        if !given() {
            return Poll::Ready(Some(Ok(frame)));
        }
        let left = this.inner.size_hint().exact();
        let may_be_last = left.is_none_or(|left| left == 0);
        Poll::Ready(Some(Ok(match frame.into_data() {
            Ok(mut data) if may_be_last && data.len() > UNTAKEN => {
                *this.last_byte = Some(data.split_off(data.len() - 1));
                Frame::data(data)
            }
            Ok(data) => Frame::data(data),
            Err(frame) => frame,
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.last_byte.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.inner.size_hint();
        if self.last_byte.is_none() {
            return hint;
        }
        let mut with_last = SizeHint::new();
        if let Some(upper) = hint.upper() {
            with_last.set_upper(upper + 1);
        }
        with_last.set_lower(hint.lower() + 1);
        with_last
    }
}
