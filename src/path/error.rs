use std::fmt;

use crate::error::ConfigError;

/// Why a path was refused.
///
/// The part that refuses puts it into the extensions of its response, for outer layers to log.
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
    /// A `%` that two hexadecimal digits do not follow.
    BadEscape,
    /// The decoded bytes are not UTF-8.
    NotUtf8,
    /// A byte from `00` to `1F`, or `7F`.
    ControlByte,
    /// A backslash, which some servers take for a slash.
    Backslash,
    /// A segment `.` or `..`.
    DotSegment,
    /// The object key with its prefix has more than 1024 bytes, the limit of S3, or the canonical
    /// spelling more than a request target can carry.
    TooLong,
    /// The object key is empty: the path is the bucket itself, which is not an object.
    NoKey,
    /// A mount got a path that is not below it: see
    /// [`StripPrefixLayer`](crate::StripPrefixLayer).
    NotBelowPrefix,
    /// A leaf got a path that may pass, but in another spelling than the canonical one: there is no
    /// [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside, so that whatever routed or judged
    /// the request has read another path than the key would be made of.
    NotCanonical,
}

impl PathErrorKind {
    /// What completes the sentence "the path …".
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
