use std::fmt;

use super::source::SettingError;

/// Everything that is wrong with the settings, in the order in which a person would correct it.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<SettingError>,
}

impl Problems {
    pub(crate) fn add(&mut self, error: SettingError) {
        self.found.push(error);
    }

    /// The value, or `None` after adding the error.
    pub(crate) fn take<T>(&mut self, result: Result<T, SettingError>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// `value`, if there is no problem.
    pub(crate) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.found.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &SettingError> {
        self.found.iter()
    }
}

/// The first problem, on one line, and how to see the others.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.found.split_first() else {
            return f.write_str("no problems");
        };
        write!(f, "{first}")?;
        if others.is_empty() {
            return Ok(());
        }
        let number = others.len();
        write!(f, " ({number} more: see `portcullis check`)")
    }
}

impl From<SettingError> for Problems {
    fn from(error: SettingError) -> Self {
        Self { found: vec![error] }
    }
}
