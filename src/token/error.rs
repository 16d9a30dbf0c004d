use std::error::Error;
use std::fmt;
use std::io;

use crate::error::ConfigError;

/// Why a file of tokens could not be taken or changed.
///
/// It says which entry and what is wrong with it, and never repeats anything of the entry.
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
    /// An entry has an unknown member or one of the wrong type, or lacks one, or has one twice.
    MalformedEntry,
    /// An id is not 1 to 128 letters, digits and `-._@:/+`.
    InvalidId,
    /// A digest is not 64 lower-case hexadecimal digits.
    InvalidDigest,
    /// A time is not as RFC 3339 has it.
    InvalidTime,
    /// A scope is not a scope token of RFC 6749 section 3.3.
    InvalidScope,
    /// An id is there already; the entry is the second.
    DuplicateId,
    /// A digest is there already; the entry is the second.
    DuplicateDigest,
    /// There is no token with this id.
    UnknownId,
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

    /// The entry at fault, from 1. `None` where it is the file as a whole.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// What is wrong.
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
                "it has an unknown member or one of the wrong type, or lacks one, or has one twice"
            }
            Self::InvalidId => "the id is not 1 to 128 letters, digits and `-._@:/+`",
            Self::InvalidDigest => "the digest is not 64 lower-case hexadecimal digits",
            Self::InvalidTime => "a time is not as RFC 3339 has it",
            Self::InvalidScope => "a scope is not a scope token of RFC 6749",
            Self::DuplicateId => "there is a token with this id already",
            Self::DuplicateDigest => "there is a token with this digest already",
            Self::UnknownId => "there is no token with this id",
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
