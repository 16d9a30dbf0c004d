use std::collections::HashMap;
use std::env;
use std::ffi::OsString;

use portcullis::ConfigError;

/// The variables that are set and not empty. It has no `Debug`, since some are secrets.
pub(crate) struct Environment {
    values: HashMap<OsString, OsString>,
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        env::vars_os().collect()
    }

    /// A variable, if it is set and not empty.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the value is not UTF-8.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, ConfigError> {
        let value = self.values.get(&OsString::from(name));
        let not_utf8 = || ConfigError::new(name, "is not UTF-8");
        value
            .map(|value| value.to_str().ok_or_else(not_utf8))
            .transpose()
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
