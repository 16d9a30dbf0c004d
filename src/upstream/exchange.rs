use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Error, ResponseFuture};

/// Counts as running until it is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    running: Arc<AtomicUsize>,
}

impl Exchange {
    /// Begins one, and tells how many ran before.
    pub(super) fn begin(running: &Arc<AtomicUsize>) -> (Self, usize) {
        let before = running.fetch_add(1, Ordering::Relaxed);
        let running = Arc::clone(running);
        (Self { running }, before)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The response future of [`HttpClient`](super::HttpClient).
#[derive(Debug)]
pub struct HttpResponseFuture {
    response: ResponseFuture,
    exchange: Option<Exchange>,
}

impl HttpResponseFuture {
    pub(super) fn new(response: ResponseFuture, exchange: Exchange) -> Self {
        Self {
            response,
            exchange: Some(exchange),
        }
    }
}

impl Future for HttpResponseFuture {
    type Output = Result<Response<HttpBody>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.response).poll(cx));
        let exchange = self.exchange.take();
        Poll::Ready(response.map(|response| {
            response.map(|incoming| HttpBody {
                incoming,
                _exchange: exchange,
            })
        }))
    }
}

/// The body of a response to [`HttpClient`](super::HttpClient), as it comes from the connection.
#[derive(Debug)]
pub struct HttpBody {
    incoming: Incoming,
    _exchange: Option<Exchange>,
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.incoming).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
