use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

/// Why S3 gave no object, where that is not the client's to know.
///
/// A part puts it into the extensions of its response, for outer layers to log. It names neither
/// bucket nor key, and holds no credential.
#[derive(Clone, Debug)]
pub struct S3Error {
    kind: S3ErrorKind,
    status: Option<StatusCode>,
    code: Option<String>,
    request_id: Option<String>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl S3Error {
    pub(super) fn without_answer(
        kind: S3ErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        let source = Some(Arc::from(source.into()));
        Self {
            kind,
            status: None,
            code: None,
            request_id: None,
            source,
        }
    }

    pub(super) fn answered(
        kind: S3ErrorKind,
        status: StatusCode,
        code: Option<String>,
        request_id: Option<String>,
    ) -> Self {
        Self {
            kind,
            status: Some(status),
            code,
            request_id,
            source: None,
        }
    }

    /// The category.
    #[must_use]
    pub fn kind(&self) -> S3ErrorKind {
        self.kind
    }

    /// The status that S3 answered with, if it answered.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The code in S3's error document, such as `AccessDenied`. An answer to HEAD has none.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The id under which the operators of the S3 find the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            S3ErrorKind::Credentials => "there are no credentials to sign with",
            S3ErrorKind::Signing => "the request could not be signed",
            S3ErrorKind::Unreachable => "S3 cannot be reached",
            S3ErrorKind::Denied => "S3 denied the request",
            S3ErrorKind::SlowDown => "S3 asks for fewer requests",
            S3ErrorKind::Unexpected => "S3 answered unexpectedly",
        })?;
        for (name, value) in [
            (
                "status",
                self.status.map(|status| status.as_u16().to_string()),
            ),
            ("code", self.code.clone()),
            ("request id", self.request_id.clone()),
        ] {
            if let Some(value) = value {
                write!(f, ", {name} {value}")?;
            }
        }
        Ok(())
    }
}

impl Error for S3Error {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// The category of an [`S3Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum S3ErrorKind {
    /// The provider has no credentials.
    Credentials,
    /// The request could not be signed.
    Signing,
    /// No answer came.
    Unreachable,
    /// 403: the credentials may not read the object, the signature or the time is wrong.
    Denied,
    /// 503: too many requests.
    SlowDown,
    /// Any other answer.
    Unexpected,
}
