use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::flight::Lost;

/// Why keys could not be fetched. Those who wait for one fetch share its error.
///
/// It holds nothing of what the server sent, nor the query of a URL.
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
    /// A document was not to be had; the source, a [`FetchError`](crate::upstream::FetchError), says why.
    Fetch,
    /// It was not done within the time limit.
    TimedOut,
    /// The metadata of the issuer is malformed, is another issuer's, or names a URL for its keys that
    /// must not be fetched from.
    Metadata,
    /// The key set is malformed, or there is no key in it that can be used.
    Keys,
    /// The client has panicked, or the runtime is gone in which the fetch began.
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

impl From<Lost> for JwksError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::TimedOut => Self::new(
                JwksErrorKind::TimedOut,
                "the keys have not been fetched in time",
            ),
            Lost::Panicked => Self::new(JwksErrorKind::Panicked, "the fetch has panicked"),
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
