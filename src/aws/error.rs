use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::error::ConfigError;

/// Why a request could not be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignError {
    problem: &'static str,
}

impl SignError {
    pub(super) fn new(problem: &'static str) -> Self {
        Self { problem }
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem)
    }
}

impl Error for SignError {}

/// Why there are no credentials to sign with. All requests that waited for one call share its error.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    problem: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl CredentialsError {
    /// An error of a provider. `problem` must hold no secret, and should not repeat the source's text.
    #[must_use]
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl Error for CredentialsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// About the setting `credentials`.
impl From<CredentialsError> for ConfigError {
    fn from(error: CredentialsError) -> Self {
        Self::from_error("credentials", error)
    }
}
