use std::collections::HashMap;
use std::env;
use std::ffi::OsString;

use super::error::{SettingError, Source};

/// Every variable that is read.
const NAMES: [&str; 9] = [
    "PORT",
    "AWS_S3_BUCKET",
    "KEY_PREFIX",
    "AWS_DEFAULT_REGION",
    "S3_ENDPOINT_URL",
    "BASIC_AUTH",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// The variables that are set to something. It has no `Debug`, since some are secrets.
#[derive(Default)]
pub(crate) struct Environment {
    values: HashMap<&'static str, OsString>,
}

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        NAMES
            .into_iter()
            .filter_map(|name| Some((name, env::var_os(name)?)))
            .collect()
    }

    /// The value of a variable, if it is set and not empty.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&str>, SettingError> {
        let Some(value) = self.values.get(name) else {
            return Ok(None);
        };
        let text = value
            .to_str()
            .ok_or_else(|| SettingError::wrong(Source::Environment(name), "is not UTF-8"))?;
        Ok(Some(text))
    }
}

impl FromIterator<(&'static str, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (&'static str, OsString)>>(variables: I) -> Self {
        let values = variables
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self { values }
    }
}
