use std::error::Error;
use std::fmt;

/// Why a side document was refused. It does not repeat what the document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SideDocumentError {
    kind: SideDocumentErrorKind,
}

/// The kind of a [`SideDocumentError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SideDocumentErrorKind {
    /// The document is longer than 32 MiB.
    TooLong,
    /// The document is not JSON of the form that it must have.
    Malformed,
    /// The document has another version than 1: a newer gateway has written it.
    UnknownVersion,
}

impl SideDocumentError {
    pub(super) fn new(kind: SideDocumentErrorKind) -> Self {
        Self { kind }
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> SideDocumentErrorKind {
        self.kind
    }
}

impl fmt::Display for SideDocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SideDocumentErrorKind::TooLong => "the side document is longer than 32 MiB",
            SideDocumentErrorKind::Malformed => "the side document is not JSON of its form",
            SideDocumentErrorKind::UnknownVersion => {
                "the side document is not of version 1: update this gateway"
            }
        })
    }
}

impl Error for SideDocumentError {}
