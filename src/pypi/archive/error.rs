use std::error::Error;
use std::fmt;
use std::io;

/// The longest name that is printed, in bytes. The rest is left out.
const LONGEST: usize = 200;

/// Why an archive was refused.
///
/// The message is one sentence for the person who made the archive. It repeats names out of the archive,
/// escaped and cut to 200 bytes.
#[derive(Debug)]
pub struct ArchiveError {
    kind: ArchiveErrorKind,
    problem: String,
    source: Option<io::Error>,
}

/// The kind of an [`ArchiveError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveErrorKind {
    /// The file could not be read; the source says why.
    Unreadable,
    /// It is not an archive, or it is cut off, or a field of it is invalid.
    Malformed,
    /// Two readers could understand it differently.
    Ambiguous,
    /// It is encrypted or uses a method or extension that not every installer has.
    Unsupported,
    /// Its data do not have the checksum or the length that is given for them.
    Corrupt,
    /// It, or a part of it, is larger than a bound.
    TooLarge,
    /// A member's path leads out of the archive, or is no path on some systems.
    UnsafePath,
    /// A member is a device or a pipe, or a link that is not allowed.
    SpecialFile,
    /// A member that it must have is missing.
    Missing,
    /// It contains something else than its file name says.
    FileNameMismatch,
    /// The wheel's `RECORD` does not describe its members.
    RecordMismatch,
}

impl ArchiveError {
    pub(super) fn new(kind: ArchiveErrorKind, problem: impl Into<String>) -> Self {
        Self {
            kind,
            problem: problem.into(),
            source: None,
        }
    }

    pub(super) fn malformed(problem: impl Into<String>) -> Self {
        Self::new(ArchiveErrorKind::Malformed, problem)
    }

    pub(super) fn ambiguous(problem: impl Into<String>) -> Self {
        Self::new(ArchiveErrorKind::Ambiguous, problem)
    }

    pub(super) fn too_large(problem: impl Into<String>) -> Self {
        Self::new(ArchiveErrorKind::TooLarge, problem)
    }

    #[cfg(feature = "upload")]
    pub(super) fn unreadable(source: io::Error) -> Self {
        let problem = "the file cannot be read";
        Self {
            source: Some(source),
            ..Self::new(ArchiveErrorKind::Unreadable, problem)
        }
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> ArchiveErrorKind {
        self.kind
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl Error for ArchiveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// A name out of an archive in quotes, escaped and cut.
pub(super) fn quoted(name: impl AsRef<[u8]>) -> String {
    let name = name.as_ref();
    let text = String::from_utf8_lossy(&name[..name.len().min(LONGEST)]);
    match name.len() {
        0..=LONGEST => format!("{text:?}"),
        length => format!("{text:?}…({length} bytes)"),
    }
}
