use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;

use super::reason::RefusalReason;

/// The response to a refused request: at hand, or to come.
#[derive(Debug)]
pub(crate) enum RefusalAnswer {
    Now(Box<Response<Bytes>>),
    Later(AnswerFuture),
}

impl RefusalAnswer {
    /// Attaches why the request was refused, for outer layers to log.
    pub(super) fn with_reason(self, reason: RefusalReason) -> Self {
        match self {
            Self::Now(mut response) => {
                response.extensions_mut().insert(reason);
                Self::Now(response)
            }
            Self::Later(mut answer) => {
                answer.reason = Some(reason);
                Self::Later(answer)
            }
        }
    }

    /// Waits for the response.
    #[cfg(feature = "axum")]
    pub(crate) async fn response(self) -> Response<Bytes> {
        match self {
            Self::Now(response) => *response,
            Self::Later(answer) => answer.await,
        }
    }
}

/// A response to come.
pub(crate) struct AnswerFuture {
    // Boxed because the methods of a gate are trait objects.
    response: Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>,
    reason: Option<RefusalReason>,
}

impl AnswerFuture {
    pub(super) fn new(response: impl Future<Output = Response<Bytes>> + Send + 'static) -> Self {
        Self {
            response: Box::pin(response),
            reason: None,
        }
    }
}

impl Future for AnswerFuture {
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Bytes>> {
        let response = self.response.as_mut().poll(cx);
        response.map(|mut response| {
            if let Some(reason) = self.reason.take() {
                response.extensions_mut().insert(reason);
            }
            response
        })
    }
}

impl fmt::Debug for AnswerFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerFuture")
    }
}
