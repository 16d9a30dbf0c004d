use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

/// Why S3 gave no object, for the operator and not for the client.
///
/// A part puts it into the extensions of its response, for outer layers to log, and an incomplete body
/// ends in one. It holds no credential, and names neither bucket nor key. Its source, the HTTP client's
/// error, may name the host.
#[derive(Clone, Debug)]
pub struct S3Error {
    kind: S3ErrorKind,
    details: Arc<Details>,
}

/// The details of an error.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) status: Option<StatusCode>,
    pub(super) code: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) bucket_region: Option<String>,
    pub(super) clock_skew: Option<i64>,
    pub(super) retry_after: Option<u32>,
    pub(super) source: Option<Box<dyn Error + Send + Sync>>,
}

impl S3Error {
    pub(super) fn new(kind: S3ErrorKind, details: Details) -> Self {
        let details = Arc::new(details);
        Self { kind, details }
    }

    pub(super) fn without_answer(
        kind: S3ErrorKind,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        let source = Some(source.into());
        Self::new(
            kind,
            Details {
                source,
                ..Details::default()
            },
        )
    }

    /// An answer of this status to a question that it does not fit.
    pub(super) fn unexpected(status: StatusCode) -> Self {
        let details = Details {
            status: Some(status),
            ..Details::default()
        };
        Self::new(S3ErrorKind::Unexpected, details)
    }

    /// An answer of success to another question, and why it is that.
    pub(super) fn misfit(status: StatusCode, problem: &'static str) -> Self {
        let details = Details {
            status: Some(status),
            source: Some(problem.into()),
            ..Details::default()
        };
        Self::new(S3ErrorKind::Unexpected, details)
    }

    /// The store does not do what it must.
    #[cfg(feature = "s3-write")]
    pub(super) fn unsupported(what: &'static str) -> Self {
        Self::without_answer(S3ErrorKind::Unsupported, what)
    }

    /// S3 has no object at a key that must have one.
    pub(crate) fn missing() -> Self {
        let details = Details {
            status: Some(StatusCode::NOT_FOUND),
            code: Some("NoSuchKey".to_owned()),
            ..Details::default()
        };
        Self::new(S3ErrorKind::Unexpected, details)
    }

    pub(super) fn is_access_denied(&self) -> bool {
        self.kind == S3ErrorKind::Denied && self.code() == Some("AccessDenied")
    }

    /// The category.
    #[must_use]
    pub fn kind(&self) -> S3ErrorKind {
        self.kind
    }

    /// The status that S3 answered with, if it answered.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.details.status
    }

    /// The code in S3's error document, such as `AccessDenied`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.details.code.as_deref()
    }

    /// The id by which the operators of the store find the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.details.request_id.as_deref()
    }

    /// The region of the bucket, if another region was asked.
    #[must_use]
    pub fn bucket_region(&self) -> Option<&str> {
        self.details.bucket_region.as_deref()
    }

    /// How many seconds the clock here is ahead of S3's, if S3 refused the request for its time.
    /// Negative if it is behind.
    #[must_use]
    pub fn clock_skew(&self) -> Option<i64> {
        self.details.clock_skew
    }

    /// The number of seconds that S3 asked to wait before the next request.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.details.retry_after
    }
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            S3ErrorKind::Credentials => "there are no credentials to sign with",
            S3ErrorKind::Signing => "the request could not be signed",
            S3ErrorKind::Unreachable => "S3 cannot be reached",
            S3ErrorKind::TimedOut => "S3 took too long",
            S3ErrorKind::Denied => "S3 denied the request",
            S3ErrorKind::WrongRegion => "the bucket is in another region",
            S3ErrorKind::SlowDown => "S3 asks for fewer requests",
            S3ErrorKind::Interrupted => "the object broke off",
            S3ErrorKind::Unsupported => "the store does not do what S3 does",
            S3ErrorKind::Unexpected => "S3 answered unexpectedly",
        })?;
        let details = &self.details;
        if let Some(region) = &details.bucket_region {
            write!(f, ", {region}")?;
        }
        if let Some(ahead) = details.clock_skew {
            let direction = if ahead < 0 { "behind" } else { "ahead of" };
            let seconds = ahead.unsigned_abs();
            write!(f, ", the clock here is {seconds} seconds {direction} S3's")?;
        }
        if let Some(status) = details.status {
            write!(f, ", status {}", status.as_u16())?;
        }
        for (name, value) in [("code", &details.code), ("request id", &details.request_id)] {
            if let Some(value) = value {
                write!(f, ", {name} {value}")?;
            }
        }
        Ok(())
    }
}

impl Error for S3Error {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.details
            .source
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
    /// The answer did not begin, or the object did not continue, within its timeout.
    TimedOut,
    /// 403: the credentials may not read the object, or the signature or the time is wrong.
    Denied,
    /// The bucket is in another region than the configured one.
    WrongRegion,
    /// 503 or 429: too many requests.
    SlowDown,
    /// The connection ended before the object did.
    Interrupted,
    /// The store lacks a function that S3 has: see
    #[cfg_attr(
        feature = "s3-write",
        doc = "[`BucketWriter::probe`](super::BucketWriter::probe)."
    )]
    #[cfg_attr(not(feature = "s3-write"), doc = "`BucketWriter::probe`.")]
    Unsupported,
    /// Any other answer.
    Unexpected,
}
