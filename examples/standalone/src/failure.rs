use std::process::ExitCode;

use crate::given::{Problems, SettingError};

/// The reason why the program ends early: usually one line, and an exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    messages: Vec<String>,
}

impl Failure {
    /// A wrong command line or setting, which a restart does not correct: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let messages = vec![message.into()];
        Self { code: 2, messages }
    }

    /// Everything that is wrong with the settings and then the warnings, one line each.
    pub(crate) fn all(problems: Problems) -> Self {
        let mut messages: Vec<_> = problems.iter().map(ToString::to_string).collect();
        messages.extend(problems.warnings);
        Self { code: 2, messages }
    }

    /// A failure while the program runs: exit code 1.
    pub(crate) fn running(message: impl Into<String>) -> Self {
        let messages = vec![message.into()];
        Self { code: 1, messages }
    }

    /// Several failures, one line each.
    pub(crate) fn each(messages: Vec<String>) -> Self {
        Self { code: 1, messages }
    }

    /// Writes the lines to stderr.
    pub(crate) fn report(&self) -> ExitCode {
        for message in &self.messages {
            crate::stderr::say(message);
        }
        ExitCode::from(self.code)
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::usage(problems.to_string())
    }
}
