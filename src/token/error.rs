use std::error::Error;
use std::fmt;
use std::io;

use crate::error::ConfigError;

/// Why a token file was refused or could not be changed.
///
/// It has the number of the entry and the problem, and never repeats the contents of the entry.
#[derive(Debug)]
pub struct TokenFileError {
    entry: Option<usize>,
    kind: TokenFileErrorKind,
    source: Option<io::Error>,
}

/// The kind of a [`TokenFileError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFileErrorKind {
    /// The file could not be read; the source says why.
    Unreadable,
    /// The file could not be written; the source says why.
    Unwritable,
    /// The file is longer than 16 MiB.
    TooLarge,
    /// The file is not a JSON object with a list `tokens` and nothing else.
    Malformed,
    /// An entry has an unknown, missing or repeated member, or one of the wrong type.
    MalformedEntry,
    /// An id is not 1 to 128 letters, digits and `-._@:/+`.
    InvalidId,
    /// A digest is not 64 lower-case hexadecimal digits.
    InvalidDigest,
    /// A time is not in the form of RFC 3339.
    InvalidTime,
    /// A scope is not a scope token of RFC 6749 section 3.3.
    InvalidScope,
    /// An entry before this one has the same id.
    DuplicateId,
    /// An entry before this one has the same digest.
    DuplicateDigest,
    /// There is no token with this id.
    UnknownId,
    /// The token with this id is revoked or has expired.
    Ended,
}

impl TokenFileError {
    pub(super) fn new(kind: TokenFileErrorKind) -> Self {
        Self {
            entry: None,
            kind,
            source: None,
        }
    }

    pub(super) fn in_entry(kind: TokenFileErrorKind, entry: usize) -> Self {
        Self {
            entry: Some(entry),
            ..Self::new(kind)
        }
    }

    pub(super) fn unreadable(source: io::Error) -> Self {
        Self {
            source: Some(source),
            ..Self::new(TokenFileErrorKind::Unreadable)
        }
    }

    pub(super) fn unwritable(source: io::Error) -> Self {
        Self {
            source: Some(source),
            ..Self::new(TokenFileErrorKind::Unwritable)
        }
    }

    /// The number of the bad entry, from 1. `None` for a problem of the whole file.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> TokenFileErrorKind {
        self.kind
    }
}

impl TokenFileErrorKind {
    fn problem(self) -> &'static str {
        match self {
            Self::Unreadable => "the file cannot be read",
            Self::Unwritable => "the file cannot be written",
            Self::TooLarge => "the file is longer than 16 MiB",
            Self::Malformed => {
                "the file is not a JSON object with a list `tokens` and nothing else"
            }
            Self::MalformedEntry => {
                "it has an unknown, missing or repeated member, or one of the wrong type"
            }
            Self::InvalidId => "the id is not 1 to 128 letters, digits and `-._@:/+`",
            Self::InvalidDigest => "the digest is not 64 lower-case hexadecimal digits",
            Self::InvalidTime => {
                "a time is not in the form of RFC 3339, such as 2026-01-31T09:00:00Z"
            }
            Self::InvalidScope => "a scope is not a scope token of RFC 6749",
            Self::DuplicateId => "another token has this id: choose another id",
            Self::DuplicateDigest => "another entry has this digest",
            Self::UnknownId => "there is no token with this id",
            Self::Ended => "the token with this id is revoked or has expired: issue another",
        }
    }
}

impl fmt::Display for TokenFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}: ")?;
        }
        f.write_str(self.kind.problem())
    }
}

impl Error for TokenFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// About the setting `tokens`.
impl From<TokenFileError> for ConfigError {
    fn from(error: TokenFileError) -> Self {
        Self::from_error("tokens", error)
    }
}
