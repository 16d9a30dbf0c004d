use std::fmt;

use crate::error::ConfigError;

/// Why a path was refused.
///
/// The part that refuses the request puts it into the extensions of its response, for outer layers to
/// log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    kind: PathErrorKind,
}

impl PathError {
    pub(crate) fn new(kind: PathErrorKind) -> Self {
        Self { kind }
    }

    /// The category of the refusal.
    #[must_use]
    pub fn kind(&self) -> PathErrorKind {
        self.kind
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the path {}", self.kind.predicate())
    }
}

impl std::error::Error for PathError {}

/// About the setting `path`.
impl From<PathError> for ConfigError {
    fn from(error: PathError) -> Self {
        Self::from_error("path", error)
    }
}

/// The category of a [`PathError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathErrorKind {
    /// The path does not begin with `/`.
    NotAbsolute,
    /// A `%` is not followed by two hexadecimal digits.
    BadEscape,
    /// The decoded bytes are not UTF-8.
    NotUtf8,
    /// A decoded byte is `00` to `1F`, or `7F`.
    ControlByte,
    /// A decoded byte is a backslash, which some servers read as a slash.
    Backslash,
    /// A decoded segment is `..`, or `.` in a [`KeyPrefix`](super::KeyPrefix).
    DotSegment,
    /// The object key with its prefix is longer than 1024 bytes, the limit of S3, or the canonical
    /// spelling is longer than a request target can be.
    TooLong,
    /// The object key is empty: the path is the bucket itself, which is not an object.
    NoKey,
    /// A mount got a path that is not below it: see
    /// [`StripPrefixLayer`](crate::StripPrefixLayer).
    NotBelowPrefix,
    /// A leaf got an allowed path in a spelling that is not canonical: without a
    /// [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside, the part that routed or authorised the
    /// request has seen another path than the one that the key would be made of.
    NotCanonical,
}

impl PathErrorKind {
    /// Completes the sentence "the path …".
    pub(super) fn predicate(self) -> &'static str {
        match self {
            Self::NotAbsolute => "does not begin with a slash",
            Self::BadEscape => "has a percent sign without two hexadecimal digits",
            Self::NotUtf8 => "is not UTF-8",
            Self::ControlByte => "has a control byte",
            Self::Backslash => "has a backslash",
            Self::DotSegment => "has a dot segment",
            Self::TooLong => "is too long",
            Self::NoKey => "names no object",
            Self::NotBelowPrefix => "is not below the prefix",
            Self::NotCanonical => "is not in its canonical spelling",
        }
    }
}
