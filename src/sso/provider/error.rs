use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::jwt::jwks::{JwksError, JwksErrorKind};

/// An error of a request to the provider, or in its answer.
///
/// It contains nothing of the request and the answer except the status and, in the source, what an ID token says
/// of its issuer, audience, key and times.
#[derive(Clone, Debug)]
pub struct ProviderError {
    kind: ProviderErrorKind,
    problem: Cow<'static, str>,
    status: Option<StatusCode>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`ProviderError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderErrorKind {
    /// There was no complete answer in time, or the provider's metadata or keys could not be fetched.
    Unreachable,
    /// The token endpoint or the user endpoint answered with this status.
    Status(StatusCode),
    /// The provider's metadata violates the standards, belongs to another issuer, or lacks a required part.
    Metadata,
    /// An answer of the token endpoint or the user endpoint violates the standards, or lacks a required part.
    Malformed,
    /// The token endpoint says that the code or the refresh token is not valid, or no longer.
    InvalidGrant,
    /// The user endpoint says, by 401 or 403, that the access token is not valid, or no longer.
    Denied,
    /// The ID token is missing or not valid.
    IdToken,
    /// The callback is from another issuer (RFC 9207).
    Issuer,
}

impl ProviderError {
    pub(super) fn new(kind: ProviderErrorKind, problem: impl Into<Cow<'static, str>>) -> Self {
        let status = match kind {
            ProviderErrorKind::Status(status) => Some(status),
            _ => None,
        };
        Self {
            kind,
            problem: problem.into(),
            status,
            source: None,
        }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ProviderErrorKind {
        self.kind
    }

    /// The status of the token endpoint's or user endpoint's answer, for
    /// [`Status`](ProviderErrorKind::Status), [`Malformed`](ProviderErrorKind::Malformed),
    /// [`InvalidGrant`](ProviderErrorKind::InvalidGrant) and [`Denied`](ProviderErrorKind::Denied).
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

impl From<JwksError> for ProviderError {
    fn from(error: JwksError) -> Self {
        let (kind, problem) = match error.kind() {
            JwksErrorKind::Metadata => (
                ProviderErrorKind::Metadata,
                "the provider's metadata cannot be used",
            ),
            _ => (
                ProviderErrorKind::Unreachable,
                "the provider's metadata could not be fetched",
            ),
        };
        Self::new(kind, problem).with_source(error)
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        match self.status {
            Some(status) => write!(f, " ({})", status.as_str()),
            None => Ok(()),
        }
    }
}

impl Error for ProviderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
