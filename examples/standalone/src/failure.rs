use std::process::ExitCode;

use crate::settings::{Problems, SettingError};

/// Why the program ends early: lines for people, most often one, and an exit code for machines.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    messages: Vec<String>,
}

impl Failure {
    /// A wrong command line or setting, which does not get better by itself: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let messages = vec![message.into()];
        Self { code: 2, messages }
    }

    /// All that is wrong with the settings, a line each.
    pub(crate) fn all(problems: &Problems) -> Self {
        let messages = problems.iter().map(ToString::to_string).collect();
        Self { code: 2, messages }
    }

    /// Something that went wrong while the program ran: exit code 1.
    pub(crate) fn running(message: impl Into<String>) -> Self {
        let messages = vec![message.into()];
        Self { code: 1, messages }
    }

    /// Says on stderr what is the matter.
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
