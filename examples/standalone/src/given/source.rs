use std::fmt;
use std::ops::Range;

/// Where the value of a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Flag(String),
    Environment(&'static str),
    Default(&'static str),
    /// The bytes of the value in the file that is being read. [`parse`](super::parse) makes a
    /// [`File`](Self::File) of each.
    Span(Range<usize>),
    /// A setting in the file, and its place: `gateway.toml:3:10`.
    File {
        place: String,
        setting: String,
    },
}

impl Source {
    /// A flag by its name with the hyphens.
    pub(crate) fn flag(name: &str) -> Self {
        Self::Flag(name.to_owned())
    }

    /// The flag that a value is parsed for.
    pub(super) fn of_flag(flag: Option<&clap::Arg>) -> Self {
        let name = flag.and_then(clap::Arg::get_long).unwrap_or_default();
        Self::Flag(format!("--{name}"))
    }

    /// Whether it is a file, whose names differ from those of flags and variables.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "{name} (flag)"),
            Self::Environment(name) => write!(f, "{name} (environment)"),
            Self::Default(name) => write!(f, "{name} (default)"),
            Self::Span(span) => write!(f, "byte {}", span.start),
            Self::File { place, setting } => write!(f, "{place}: {setting}"),
        }
    }
}

/// A setting that is wrong or missing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SettingError {
    message: String,
}

impl SettingError {
    /// `problem` completes the sentence "`source`: …". It must not contain a secret.
    pub(crate) fn wrong(source: &Source, problem: impl fmt::Display) -> Self {
        Self {
            message: format!("{source}: {problem}"),
        }
    }

    /// Two settings of which at most one may be set.
    pub(crate) fn contradiction(source: &Source, other: &Source) -> Self {
        Self::wrong(
            source,
            format_args!("contradicts {other}, which is also set"),
        )
    }

    /// A setting that has no default and is not set.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SettingError {}
