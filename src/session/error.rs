use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An error of a [`SessionStore`](super::SessionStore). The request is answered with 503.
///
/// It contains no key or value of the store, and no credentials for it.
#[derive(Clone, Debug)]
pub struct SessionStoreError {
    kind: SessionStoreErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`SessionStoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionStoreErrorKind {
    /// There is no connection, or it ended before the answer came.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// The store answered with an error.
    Refused,
    /// The store is one server of a cluster, and other servers have the other keys.
    Cluster,
    /// The answer does not fit the request.
    Malformed,
}

impl SessionStoreError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: SessionStoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the cause, for the log. It must not contain a secret, key or value.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> SessionStoreErrorKind {
        self.kind
    }
}

impl fmt::Display for SessionStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SessionStoreErrorKind::Unreachable => "the session store cannot be reached",
            SessionStoreErrorKind::TimedOut => "the session store did not answer in time",
            SessionStoreErrorKind::Refused => "the session store answered with an error",
            SessionStoreErrorKind::Cluster => {
                "the session store is in cluster mode, which is not supported: use a server outside of a cluster"
            }
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
