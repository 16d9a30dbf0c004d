use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderValue, Response};

use super::reason::RefusalReason;

/// The response to a refused request, or its future.
#[derive(Debug)]
pub(crate) enum RefusalAnswer {
    Now(Box<Response<Bytes>>),
    Later(AnswerFuture),
}

/// The part of a refusal that goes on a response which the method has made itself.
#[derive(Debug)]
pub(super) struct Attachment {
    pub(super) reason: RefusalReason,
    pub(super) cookies: Vec<HeaderValue>,
}

impl Attachment {
    fn attach_to(self, response: &mut Response<Bytes>) {
        // The reason of the method says more than that a credential is missing: that a provider is down,
        // say.
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

boxed_future! {
    /// The future of a response.
    pub(crate) struct AnswerFuture: 'static -> Response<Bytes>;
    pub(super) fn new;
}
