use std::fmt;

use super::source::{SettingError, Source};

/// Everything that is wrong with the settings, in the order in which a person would correct it.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<SettingError>,
    /// What is accepted and less safe than it could be.
    pub(crate) warnings: Vec<String>,
}

impl Problems {
    pub(crate) fn add(&mut self, error: SettingError) {
        self.found.push(error);
    }

    /// Adds a warning about a setting that is accepted.
    pub(crate) fn warn(&mut self, source: &Source, warning: impl fmt::Display) {
        self.warnings.push(format!("{source}: {warning}"));
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

/// The first problem, on one line, and how to see the others and the warnings.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.found.split_first() else {
            return f.write_str("no problems");
        };
        write!(f, "{first}")?;
        let number = others.len() + self.warnings.len();
        if number == 0 {
            return Ok(());
        }
        write!(f, " ({number} more: see `portcullis check`)")
    }
}

impl From<SettingError> for Problems {
    fn from(error: SettingError) -> Self {
        Self {
            found: vec![error],
            warnings: Vec::new(),
        }
    }
}
