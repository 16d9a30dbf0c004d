use std::error::Error;
use std::fmt;

/// Why the name of a project, of a file or of a version was refused. It does not repeat the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError {
    kind: NameErrorKind,
}

/// The kind of a [`NameError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameErrorKind {
    /// It is longer than 255 bytes.
    TooLong,
    /// It is not a project name: ASCII letters, digits, `-`, `_` and `.`, with a letter or digit at each end.
    InvalidProject,
    /// It is not a version of the version specifiers specification (PEP 440).
    InvalidVersion,
    /// It has a character that no file name of a distribution has, such as a slash or a control character.
    InvalidCharacter,
    /// It does not end in `.whl`, `.tar.gz`, `.tar.bz2`, `.tar.xz` or `.zip`.
    UnknownFormat,
    /// A wheel is not named `name-version(-build)-python-abi-platform.whl`.
    InvalidWheel,
    /// A source distribution is not named `name-version` before its extension.
    InvalidSdist,
    /// The file belongs to another project.
    OtherProject,
}

impl NameError {
    pub(super) fn new(kind: NameErrorKind) -> Self {
        Self { kind }
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> NameErrorKind {
        self.kind
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            NameErrorKind::TooLong => "the name is longer than 255 bytes",
            NameErrorKind::InvalidProject => {
                "the project name is not letters, digits, `-`, `_` and `.` with a letter or digit at each end"
            }
            NameErrorKind::InvalidVersion => "the version is not one of PEP 440, such as 1.0.post1",
            NameErrorKind::InvalidCharacter => {
                "the file name has a character other than letters, digits and `-_.+!~`"
            }
            NameErrorKind::UnknownFormat => {
                "the file name does not end in .whl, .tar.gz, .tar.bz2, .tar.xz or .zip"
            }
            NameErrorKind::InvalidWheel => {
                "the file name is not name-version(-build)-python-abi-platform.whl"
            }
            NameErrorKind::InvalidSdist => {
                "the file name is not name-version before its extension"
            }
            NameErrorKind::OtherProject => "the file name is of another project",
        })
    }
}

impl Error for NameError {}
