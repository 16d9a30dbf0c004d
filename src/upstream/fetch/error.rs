use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use http::StatusCode;

/// Why a document could not be fetched. All callers that wait for one answer share its error.
#[derive(Clone, Debug)]
pub struct FetchError {
    kind: FetchErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`FetchError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchErrorKind {
    /// There was no complete answer: no address, no connection, a certificate that is not trusted, an
    /// answer that broke off. The source says which.
    Unreachable,
    /// The answer has this status.
    Status(StatusCode),
    /// The redirect must not be followed: it leads to another scheme, to `http` on another machine or to
    /// nowhere, or it is one too many.
    Redirect,
    /// The answer is longer than allowed.
    TooLarge,
    /// The answer is compressed, although that was not requested.
    Encoded,
    /// The bearer token for the server cannot be read. The source says why.
    NoToken,
}

impl FetchError {
    pub(crate) fn new(kind: FetchErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// There was no complete answer. `source` must not contain a secret.
    #[must_use]
    pub fn unreachable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: FetchErrorKind::Unreachable,
            source: Some(Arc::from(source.into())),
        }
    }

    /// The answer is longer than allowed.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(FetchErrorKind::TooLarge)
    }

    pub(super) fn no_token(source: io::Error) -> Self {
        Self {
            kind: FetchErrorKind::NoToken,
            source: Some(Arc::new(source)),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> FetchErrorKind {
        self.kind
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            FetchErrorKind::Unreachable => f.write_str("the server sent no complete answer"),
            FetchErrorKind::Status(status) => write!(f, "the server answered {}", status.as_str()),
            FetchErrorKind::Redirect => f.write_str("the server's redirect must not be followed"),
            FetchErrorKind::TooLarge => f.write_str("the answer is too long"),
            FetchErrorKind::Encoded => f.write_str("the answer is compressed"),
            FetchErrorKind::NoToken => f.write_str("the bearer token for it cannot be read"),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
