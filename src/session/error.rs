use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A [`SessionStore`](super::SessionStore) could not do what it was asked to. The request is answered
/// with 503.
///
/// It holds no key of the store, no value, and nothing of how one signs in there.
#[derive(Clone, Debug)]
pub struct SessionStoreError {
    kind: SessionStoreErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`SessionStoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionStoreErrorKind {
    /// There is no connection, or it has ended before the answer came.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// The store answered that it will not or cannot.
    Refused,
    /// The answer is not one to what was asked.
    Malformed,
}

impl SessionStoreError {
    /// Something went wrong.
    #[must_use]
    pub fn new(kind: SessionStoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Says what, for the log. `source` holds no secret, key or value.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> SessionStoreErrorKind {
        self.kind
    }
}

impl fmt::Display for SessionStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SessionStoreErrorKind::Unreachable => "the session store cannot be reached",
            SessionStoreErrorKind::TimedOut => "the session store has not answered in time",
            SessionStoreErrorKind::Refused => "the session store answered with an error",
            SessionStoreErrorKind::Malformed => "the session store's answer is malformed",
        })
    }
}

impl Error for SessionStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
