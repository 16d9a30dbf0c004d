use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::refresh::Lost;
use crate::upstream::{FetchError, FetchErrorKind};

/// Why keys could not be fetched. All requests that wait for one fetch share its error.
///
/// It contains nothing that the server sent, except an issuer that is not the expected one, and no query of a
/// URL.
#[derive(Clone, Debug)]
pub struct JwksError {
    kind: JwksErrorKind,
    problem: &'static str,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`JwksError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwksErrorKind {
    /// A document could not be fetched. The source, a [`FetchError`](crate::upstream::FetchError), says why.
    Fetch,
    /// The fetch did not end within its time limit.
    TimedOut,
    /// The metadata of the issuer is malformed, belongs to another issuer, or names a URL for its keys that
    /// must not be fetched.
    Metadata,
    /// The key set is malformed.
    Keys,
    /// The issuer publishes no usable key: the key set is well-formed and has none, or the server answers
    /// 404 or 410. The last keys are no longer used.
    Withdrawn,
    /// The client panicked, or the runtime in which the fetch began is gone.
    Panicked,
}

impl JwksError {
    pub(super) fn new(kind: JwksErrorKind, problem: &'static str) -> Self {
        Self {
            kind,
            problem,
            source: None,
        }
    }

    /// A document could not be fetched.
    pub(super) fn of_fetch(error: FetchError, problem: &'static str) -> Self {
        let kind = if is_gone(error.kind()) {
            JwksErrorKind::Withdrawn
        } else {
            JwksErrorKind::Fetch
        };
        Self::new(kind, problem).with_source(error)
    }

    pub(super) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> JwksErrorKind {
        self.kind
    }
}

/// Whether the server says that there is no such document.
pub(super) fn is_gone(kind: FetchErrorKind) -> bool {
    let FetchErrorKind::Status(status) = kind else {
        return false;
    };
    status == StatusCode::NOT_FOUND || status == StatusCode::GONE
}

impl From<Lost> for JwksError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::TimedOut => {
                Self::new(JwksErrorKind::TimedOut, "the keys were not fetched in time")
            }
            Lost::Panicked => Self::new(JwksErrorKind::Panicked, "the fetch panicked"),
        }
    }
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem)
    }
}

impl Error for JwksError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
