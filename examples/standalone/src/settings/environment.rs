use std::collections::HashMap;
use std::env;
use std::ffi::OsString;

use super::error::{SettingError, Source};
use super::given::Given;

/// The variables that are set to something. It has no `Debug`, since some are secrets.
#[derive(Default)]
pub(crate) struct Environment {
    values: HashMap<OsString, OsString>,
}

/// The value of a variable is no text.
pub(super) struct NotUtf8;

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        env::vars_os().collect()
    }

    /// A variable that has a name of its own, if it is set and not empty.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&str>, SettingError> {
        let wrong = |NotUtf8| SettingError::wrong(&Source::Environment(name), "is not UTF-8");
        self.text(name).map_err(wrong)
    }

    /// The same with its source.
    pub(super) fn given(&self, name: &'static str) -> Result<Option<Given>, SettingError> {
        let source = Source::Environment(name);
        let value = self.get(name)?.map(str::to_owned);
        Ok(value.map(|value| Given { value, source }))
    }

    /// The file of `portcullis token`.
    pub(crate) fn token_file(&self) -> Result<Option<String>, SettingError> {
        Ok(self.get("TOKEN_FILE")?.map(str::to_owned))
    }

    /// A variable that a setting names.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, NotUtf8> {
        let value = self.values.get(&OsString::from(name));
        value.map(|value| value.to_str().ok_or(NotUtf8)).transpose()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(&OsString::from(name))
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(variables: I) -> Self {
        let values = variables
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self { values }
    }
}
