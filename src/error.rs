use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An invalid setting, found while a part is built.
///
/// It names the setting and says what is wrong with its value. A secret is never repeated: a
/// constructor that takes one describes the fault without the value.
///
/// The errors of all constructors of this crate convert into it, so that one function can build a
/// whole stack with `?`. The message and the source of such an error are kept.
#[derive(Clone, Debug)]
pub struct ConfigError {
    setting: &'static str,
    problem: String,
    /// The error whose message is the problem.
    error: Option<Arc<dyn Error + Send + Sync>>,
}

impl ConfigError {
    /// An error about `setting`; `problem` completes the sentence "`setting`: …".
    #[must_use]
    pub fn new(setting: &'static str, problem: impl Into<String>) -> Self {
        Self {
            setting,
            problem: problem.into(),
            error: None,
        }
    }

    /// An error about `setting` with the message and the source of `error`.
    #[must_use]
    pub fn from_error(setting: &'static str, error: impl Error + Send + Sync + 'static) -> Self {
        Self {
            setting,
            problem: error.to_string(),
            error: Some(Arc::new(error)),
        }
    }

    /// The name of the setting, as the docs of the constructor that refused it spell it.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// What is wrong with the value.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.problem)
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.as_ref()?.source()
    }
}
