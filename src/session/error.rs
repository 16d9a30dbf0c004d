use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A [`SessionStore`](super::SessionStore) could not do what it was asked to. The request is answered
/// with 503.
///
/// It holds no key of the store, no value, and nothing of how one signs in there.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// There is no connection, or it has ended before the answer came.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// The store answered that it will not or cannot.
    Refused,
    /// The answer is not one to what was asked.
    Malformed,
}

impl StoreError {
    /// Something went wrong.
    #[must_use]
    pub fn new(kind: StoreErrorKind) -> Self {
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
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unreachable => "the session store cannot be reached",
            StoreErrorKind::TimedOut => "the session store has not answered in time",
            StoreErrorKind::Refused => "the session store answered with an error",
            StoreErrorKind::Malformed => "the session store's answer is malformed",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
