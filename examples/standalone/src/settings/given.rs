use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::error::{SettingError, Source};

/// More threads than any machine has use for, and few enough that all of them start.
const MAX_WORKERS: usize = 1024;

/// A value and where it came from.
#[derive(Clone)]
pub(super) struct Given<T = String> {
    pub(super) value: T,
    pub(super) source: Source,
}

impl<T> Given<T> {
    pub(super) fn wrong(&self, problem: impl fmt::Display) -> SettingError {
        SettingError::wrong(&self.source, problem)
    }

    /// The same, made of something else.
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> U) -> Given<U> {
        Given {
            value: make(self.value),
            source: self.source,
        }
    }
}

impl Given<i64> {
    /// The number, where it is one of `range`.
    pub(super) fn number(&self, range: RangeInclusive<u32>) -> Result<u32, SettingError> {
        let number = u32::try_from(self.value).ok();
        number.filter(|it| range.contains(it)).ok_or_else(|| {
            let (value, first, last) = (self.value, range.start(), range.end());
            self.wrong(format_args!(
                "{value} is not a number from {first} to {last}"
            ))
        })
    }

    /// A time of 1 to 3600 seconds.
    pub(super) fn seconds(&self) -> Result<Duration, SettingError> {
        let seconds = self.number(1..=3600)?;
        Ok(Duration::from_secs(seconds.into()))
    }
}

impl Given {
    /// Takes the value for the number of a port on all interfaces.
    pub(super) fn port(&self) -> Result<SocketAddr, SettingError> {
        let port = self.value.parse::<u16>();
        let port =
            port.map_err(|_| self.wrong(format!("{:?} is not the number of a port", self.value)))?;
        Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
    }

    pub(super) fn address(&self) -> Result<SocketAddr, SettingError> {
        self.value.parse().map_err(|_| {
            let value = &self.value;
            self.wrong(format_args!(
                "{value:?} is not an address and a port, such as 127.0.0.1:8080"
            ))
        })
    }

    pub(super) fn workers(&self) -> Result<NonZeroUsize, SettingError> {
        let number = self.value.parse().ok();
        number
            .filter(|number: &NonZeroUsize| number.get() <= MAX_WORKERS)
            .ok_or_else(|| {
                let value = &self.value;
                self.wrong(format!("{value:?} is not a number from 1 to {MAX_WORKERS}"))
            })
    }
}

/// The address in `--listen`.
pub(crate) fn parse_address(value: &str) -> Result<SocketAddr, SettingError> {
    let source = Source::Flag("--listen");
    let value = value.to_owned();
    Given { value, source }.address()
}
