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

boxed_future! {
    /// A response to come.
    pub(crate) struct AnswerFuture: 'static -> Response<Bytes>;
    pub(super) fn new;
}
