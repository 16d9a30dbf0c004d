use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderValue, Response};

use super::reason::RefusalReason;

/// The response to a refused request: at hand, or to come.
#[derive(Debug)]
pub(crate) enum RefusalAnswer {
    Now(Box<Response<Bytes>>),
    Later(AnswerFuture),
}

/// What a refusal adds to the response by which a method answers for itself.
#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) reason: RefusalReason,
    pub(super) cookies: Vec<HeaderValue>,
}

impl Attachment {
    fn attach_to(self, response: &mut Response<Bytes>) {
        // The method may have met with something that says more than that a credential is missing: a
        // provider that is down.
        response.extensions_mut().get_or_insert(self.reason);
        for cookie in self.cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

impl RefusalAnswer {
    pub(super) fn with(self, attachment: Attachment) -> Self {
        match self {
            Self::Now(mut response) => {
                attachment.attach_to(&mut response);
                Self::Now(response)
            }
            Self::Later(answer) => Self::Later(AnswerFuture::new(async move {
                let mut response = answer.await;
                attachment.attach_to(&mut response);
                response
            })),
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
}

impl AnswerFuture {
    pub(super) fn new(response: impl Future<Output = Response<Bytes>> + Send + 'static) -> Self {
        Self {
            response: Box::pin(response),
        }
    }
}

impl Future for AnswerFuture {
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Bytes>> {
        self.response.as_mut().poll(cx)
    }
}

impl fmt::Debug for AnswerFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerFuture")
    }
}
