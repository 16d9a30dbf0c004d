use std::error::Error;
use std::fmt;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};

use crate::response::short_text;

/// Why a request was refused: a limit on the requests under way was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitReached {
    kind: LimitKind,
    limit: usize,
}

/// What a limit bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// All requests.
    InAll,
    /// The requests of one client network.
    PerNetwork,
    /// The requests of one identity.
    PerIdentity,
}

impl LimitReached {
    pub(super) fn new(kind: LimitKind, limit: usize) -> Self {
        Self { kind, limit }
    }

    /// What the limit bounds.
    #[must_use]
    pub fn kind(self) -> LimitKind {
        self.kind
    }

    /// The number of requests that may be under way.
    #[must_use]
    pub fn limit(self) -> usize {
        self.limit
    }

    /// The status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self.kind {
            LimitKind::InAll => StatusCode::SERVICE_UNAVAILABLE,
            LimitKind::PerNetwork | LimitKind::PerIdentity => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    pub(super) fn response(self) -> Response<Bytes> {
        let mut response = short_text(self.status(), "");
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        response.extensions_mut().insert(self);
        response
    }
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.kind {
            LimitKind::InAll => "in all",
            LimitKind::PerNetwork => "of this client network",
            LimitKind::PerIdentity => "of this identity",
        };
        write!(f, "{} requests {of} are under way", self.limit)
    }
}

impl Error for LimitReached {}
