use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use super::environment::Environment;
use super::error::{SettingError, Source};

/// More threads than any machine has use for, and few enough that all of them start.
const MAX_WORKERS: usize = 1024;

/// A value and where it came from.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) value: &'a str,
    pub(super) source: Source,
}

impl<'a> Given<'a> {
    /// The value of a flag, else of a variable.
    pub(super) fn find(
        (flag, given): (&'static str, Option<&'a str>),
        variable: &'static str,
        environment: &'a Environment,
    ) -> Result<Option<Self>, SettingError> {
        if let Some(value) = given {
            let source = Source::Flag(flag);
            return Ok(Some(Self { value, source }));
        }
        let source = Source::Environment(variable);
        let value = environment.get(variable)?;
        Ok(value.map(|value| Self { value, source }))
    }

    pub(super) fn wrong(self, problem: impl fmt::Display) -> SettingError {
        SettingError::wrong(self.source, problem)
    }

    /// Takes the value for the number of a port on all interfaces.
    pub(super) fn port(self) -> Result<SocketAddr, SettingError> {
        let port = self.value.parse::<u16>();
        let port =
            port.map_err(|_| self.wrong(format!("{:?} is not the number of a port", self.value)))?;
        Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
    }

    pub(super) fn workers(self) -> Result<NonZeroUsize, SettingError> {
        let number = self.value.parse().ok();
        number
            .filter(|number: &NonZeroUsize| number.get() <= MAX_WORKERS)
            .ok_or_else(|| {
                let value = self.value;
                self.wrong(format!("{value:?} is not a number from 1 to {MAX_WORKERS}"))
            })
    }
}

/// The address in `--listen`.
pub(crate) fn parse_address(value: &str) -> Result<SocketAddr, SettingError> {
    value.parse().map_err(|_| {
        let problem = format!("{value:?} is not an address and a port, such as 127.0.0.1:8080");
        SettingError::wrong(Source::Flag("--listen"), problem)
    })
}
