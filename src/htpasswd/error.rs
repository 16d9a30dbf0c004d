use std::error::Error;
use std::fmt;
use std::io;

use crate::error::ConfigError;

/// Why an htpasswd file or its group file was refused.
///
/// It has the number of the line and the problem, and never repeats the contents of the line.
#[derive(Debug)]
pub struct HtpasswdError {
    in_group_file: bool,
    line: Option<usize>,
    fault: Fault,
    source: Option<io::Error>,
}

/// The kind of an [`HtpasswdError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HtpasswdErrorKind {
    /// The file could not be read; the source says why.
    Unreadable,
    /// The file is longer than 16 MiB.
    TooLarge,
    /// A line is not UTF-8.
    NotUtf8,
    /// A line has a control character.
    ControlCharacter,
    /// A line has no colon.
    MissingColon,
    /// A user name is empty or ends with white space.
    InvalidUser,
    /// A line before this one has the same user.
    DuplicateUser,
    /// Nothing follows the colon.
    MissingHash,
    /// The text after the colon is not a hash, but a password in the clear or a truncated hash.
    NotAHash,
    /// The scheme of a hash is not supported.
    UnsupportedScheme,
    /// A hash does not have the form of its scheme.
    MalformedHash,
    /// A hash costs less than its scheme allows, or more than this crate allows.
    CostOutOfRange,
    /// The hashes have more than 16 different costs.
    TooManyCosts,
    /// A `{PLAIN}` password, which only the `insecure_…_with_plain` functions accept.
    PlainPassword,
    /// A group's name is not a scope token of RFC 6749 section 3.3.
    InvalidGroup,
    /// A member of a group is quoted, or a line is continued by a backslash.
    UnsupportedMember,
    /// A group file is given for users that are not read from a file.
    NoUserFile,
}

impl HtpasswdError {
    fn new(fault: Fault) -> Self {
        Self {
            in_group_file: false,
            line: None,
            fault,
            source: None,
        }
    }

    pub(super) fn at(line: usize, fault: Fault) -> Self {
        Self {
            line: Some(line),
            ..Self::new(fault)
        }
    }

    pub(super) fn unreadable(source: io::Error) -> Self {
        let fault = Fault::new(HtpasswdErrorKind::Unreadable, "the file cannot be read");
        Self {
            source: Some(source),
            ..Self::new(fault)
        }
    }

    pub(super) fn too_large() -> Self {
        let problem = "the file is longer than 16 MiB";
        Self::new(Fault::new(HtpasswdErrorKind::TooLarge, problem))
    }

    pub(super) fn no_user_file() -> Self {
        let problem = "the users are not read from a file: use HtpasswdTable::with_groups";
        Self::new(Fault::new(HtpasswdErrorKind::NoUserFile, problem)).in_group_file()
    }

    pub(super) fn in_group_file(mut self) -> Self {
        self.in_group_file = true;
        self
    }

    /// Whether the group file is at fault, rather than the htpasswd file.
    #[must_use]
    pub fn is_in_group_file(&self) -> bool {
        self.in_group_file
    }

    /// The number of the bad line, from 1. `None` for a problem of the whole file.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The kind of the problem.
    #[must_use]
    pub fn kind(&self) -> HtpasswdErrorKind {
        self.fault.kind
    }
}

impl fmt::Display for HtpasswdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.in_group_file {
            f.write_str("group file: ")?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(self.fault.problem)
    }
}

impl Error for HtpasswdError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// About the setting `htpasswd`.
impl From<HtpasswdError> for ConfigError {
    fn from(error: HtpasswdError) -> Self {
        Self::from_error("htpasswd", error)
    }
}

/// The problem of a line, in fixed words, so that no part of a hash can get into it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) kind: HtpasswdErrorKind,
    problem: &'static str,
}

impl Fault {
    pub(super) fn new(kind: HtpasswdErrorKind, problem: &'static str) -> Self {
        Self { kind, problem }
    }

    pub(super) fn malformed(problem: &'static str) -> Self {
        Self::new(HtpasswdErrorKind::MalformedHash, problem)
    }

    pub(super) fn cost(problem: &'static str) -> Self {
        Self::new(HtpasswdErrorKind::CostOutOfRange, problem)
    }
}
