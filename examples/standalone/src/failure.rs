use std::fmt;
use std::process::ExitCode;

use crate::settings::SettingError;

/// Why the program ends early: one line for people and an exit code for machines.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// A wrong command line or setting, which does not get better by itself: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code: 2, message }
    }

    /// Something that went wrong while the program ran: exit code 1.
    pub(crate) fn running(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code: 1, message }
    }

    /// Says on stderr what is the matter.
    pub(crate) fn report(&self) -> ExitCode {
        crate::stderr::say(self);
        ExitCode::from(self.code)
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::usage(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
