use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use super::mismatch::Mismatch;

/// Why a request was refused, for the log.
///
/// The message never has a credential or a part of one.
#[derive(Clone, Debug)]
pub struct RefusalReason {
    kind: RefusalKind,
    detail: RefusalDetail,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl RefusalReason {
    pub(super) fn new(kind: RefusalKind, detail: RefusalDetail) -> Self {
        Self {
            kind,
            detail,
            source: None,
        }
    }

    pub(super) fn set_detail(&mut self, detail: impl Into<RefusalDetail>) {
        self.detail = detail.into();
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

    /// The expected and the given value, if the request is refused because they differ.
    #[must_use]
    pub fn mismatch(&self) -> Option<&Mismatch> {
        match &self.detail.0 {
            Detail::Fixed(_) => None,
            Detail::Made(made) => match &**made {
                Made::Text(_) => None,
                Made::Mismatch(mismatch) => Some(mismatch),
            },
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detail.fmt(f)
    }
}

impl Error for RefusalReason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// The words of a [`RefusalReason`]: a text, or a [`Mismatch`].
#[derive(Clone, Debug)]
pub struct RefusalDetail(Detail);

#[derive(Clone, Debug)]
enum Detail {
    Fixed(&'static str),
    // Behind one thin pointer, since every verdict has room for a reason.
    Made(Arc<Made>),
}

#[derive(Debug)]
enum Made {
    Text(String),
    Mismatch(Mismatch),
}

impl fmt::Display for RefusalDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Detail::Fixed(text) => f.write_str(text),
            Detail::Made(made) => match &**made {
                Made::Text(text) => f.write_str(text),
                Made::Mismatch(mismatch) => mismatch.fmt(f),
            },
        }
    }
}

impl Error for RefusalDetail {}

impl From<&'static str> for RefusalDetail {
    fn from(text: &'static str) -> Self {
        Self(Detail::Fixed(text))
    }
}

impl From<String> for RefusalDetail {
    fn from(text: String) -> Self {
        Self(Detail::Made(Arc::new(Made::Text(text))))
    }
}

impl From<Mismatch> for RefusalDetail {
    fn from(mismatch: Mismatch) -> Self {
        Self(Detail::Made(Arc::new(Made::Mismatch(mismatch))))
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
