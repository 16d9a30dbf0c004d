use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::ResponseFuture;

use super::error::HttpError;

/// An exchange, which counts as running until it is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    running: Arc<AtomicUsize>,
}

impl Exchange {
    /// Begins one; returns how many were running before.
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
    type Output = Result<Response<HttpBody>, HttpError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.response).poll(cx));
        let exchange = self.exchange.take();
        Poll::Ready(match response {
            Ok(response) => Ok(response.map(|incoming| HttpBody {
                incoming: Some(incoming),
                _exchange: exchange,
            })),
            Err(error) => Err(HttpError::request(error)),
        })
    }
}

/// The body of a response to [`HttpClient`](super::HttpClient), as it comes from the connection.
///
/// The default is an empty body, as layers such as tower-http's `CorsLayer` need one.
#[derive(Debug, Default)]
pub struct HttpBody {
    incoming: Option<Incoming>,
    _exchange: Option<Exchange>,
}

impl Body for HttpBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(incoming).poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map_err(HttpError::body)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.incoming.as_ref().map(Body::size_hint);
        hint.unwrap_or_else(|| SizeHint::with_exact(0))
    }
}
