use std::fmt;

/// Where the value of a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Flag(&'static str),
    Environment(&'static str),
    Default(&'static str),
    /// A setting in the file, and its place: `gateway.toml:3:10`.
    File {
        place: String,
        setting: &'static str,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "{name} (flag)"),
            Self::Environment(name) => write!(f, "{name} (environment)"),
            Self::Default(name) => write!(f, "{name} (default)"),
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
    /// `problem` completes the sentence "`source`: …". It holds no secret.
    pub(crate) fn wrong(source: &Source, problem: impl fmt::Display) -> Self {
        Self {
            message: format!("{source}: {problem}"),
        }
    }

    /// Two settings of which one at most may be given.
    pub(super) fn contradiction(source: &Source, other: &Source) -> Self {
        Self::wrong(
            source,
            format_args!("contradicts {other}, which is set as well"),
        )
    }

    /// A setting that has no default and is not given.
    pub(super) fn missing(message: impl Into<String>) -> Self {
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
