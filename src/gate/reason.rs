use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

/// Why a request was refused, for the log.
///
/// The message never has a credential or a part of one.
#[derive(Clone, Debug)]
pub struct RefusalReason {
    kind: RefusalKind,
    detail: &'static str,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl RefusalReason {
    pub(super) fn new(kind: RefusalKind, detail: &'static str) -> Self {
        Self {
            kind,
            detail,
            source: None,
        }
    }

    pub(super) fn set_detail(&mut self, detail: &'static str) {
        self.detail = detail;
    }

    pub(super) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The category.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        self.kind
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail)
    }
}

impl Error for RefusalReason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// The category of a [`Refusal`](super::Refusal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// 401: there is no credential.
    Missing,
    /// 400: the request cannot be judged.
    Malformed,
    /// 401: the credential is invalid.
    Invalid,
    /// 403: the client lacks permission.
    Forbidden,
    /// 403: the client lacks a scope.
    InsufficientScope,
    /// 429: the client has failed to sign in too often, and its credential is not judged.
    TooManyFailures,
    /// 503: the credential cannot be judged now.
    Unavailable,
    /// 500: the stack can admit no client.
    Misconfigured,
}

impl RefusalKind {
    /// The status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::TooManyFailures => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Misconfigured => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
