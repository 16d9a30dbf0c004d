use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
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

impl Given {
    /// An address and a port. `localhost` is this machine, and nothing before the colon all interfaces.
    pub(crate) fn address(&self) -> Result<SocketAddr, SettingError> {
        let value = &self.value;
        let of_ip = |ip: Ipv4Addr, port: &str| Some(SocketAddr::from((ip, port.parse().ok()?)));
        let address = match value.rsplit_once(':') {
            Some(("", port)) => of_ip(Ipv4Addr::UNSPECIFIED, port),
            Some(("localhost", port)) => of_ip(Ipv4Addr::LOCALHOST, port),
            _ => value.parse().ok(),
        };
        address.ok_or_else(|| {
            self.wrong(format_args!(
                "{value:?} is not an address and a port, such as 127.0.0.1:8080 or :8080"
            ))
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_short_form() {
        for (text, address) in [
            ("127.0.0.1:8080", Some("127.0.0.1:8080")),
            ("[::1]:8080", Some("[::1]:8080")),
            ("localhost:8080", Some("127.0.0.1:8080")),
            (":8080", Some("0.0.0.0:8080")),
            ("8080", None),
            ("localhost", None),
            (":", None),
            (":x", None),
            (":80800", None),
            ("::1:8080", None),
            ("localhost.example:8080", None),
        ] {
            let given = Given {
                value: text.to_owned(),
                source: Source::Default("--listen"),
            };
            let found = given.address().ok().map(|address| address.to_string());
            assert_eq!(found.as_deref(), address, "{text}");
        }
    }
}
