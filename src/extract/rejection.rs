use std::error::Error;
use std::fmt;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;

use crate::gate::{Refusal, RefusalReason, answer_as_outside};

/// The response to a request that an extractor of this crate refuses.
#[derive(Debug)]
pub struct Rejection {
    reason: RefusalReason,
    // Boxed, since the result of every extraction has room for it.
    response: Box<http::Response<Bytes>>,
}

impl Rejection {
    pub(super) async fn of(head: &Parts, refusal: Refusal) -> Self {
        Self {
            reason: refusal.reason().clone(),
            response: Box::new(answer_as_outside(head, refusal).await),
        }
    }

    /// The reason, for the log. It is in the extensions of the response as well.
    #[must_use]
    pub fn reason(&self) -> &RefusalReason {
        &self.reason
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.response.map(Body::from)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.reason.source()
    }
}
