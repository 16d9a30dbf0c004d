use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::source::{SettingError, Source};

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Given<T = String> {
    pub(crate) value: T,
    pub(crate) source: Source,
}

impl<T> Given<T> {
    pub(crate) fn wrong(&self, problem: impl fmt::Display) -> SettingError {
        SettingError::wrong(&self.source, problem)
    }

    /// Converts the value and keeps the source.
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Given<U> {
        Given {
            value: make(self.value),
            source: self.source,
        }
    }
}

impl Given<i64> {
    /// The number, if it is in `range`.
    pub(crate) fn number(&self, range: RangeInclusive<u32>) -> Result<u32, SettingError> {
        let number = u32::try_from(self.value).ok();
        number.filter(|it| range.contains(it)).ok_or_else(|| {
            let (value, first, last) = (self.value, range.start(), range.end());
            self.wrong(format_args!(
                "{value} is not a number from {first} to {last}"
            ))
        })
    }

    /// A time of 1 to 3600 seconds.
    pub(crate) fn seconds(&self) -> Result<Duration, SettingError> {
        let seconds = self.number(1..=3600)?;
        Ok(Duration::from_secs(seconds.into()))
    }
}

/// Keeps the place of the value in a file.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(Self {
            source: Source::Span(spanned.span()),
            value: spanned.into_inner(),
        })
    }
}
