use std::fmt;

use crate::error::ConfigError;

/// The name of an AWS region, such as `eu-west-1`. Other stores accept any name, often `us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// A region of this name.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the name is empty or has other characters than lower-case letters,
    /// digits and `-`.
    pub fn new(name: impl Into<String>) -> Result<Self, ConfigError> {
        let name = name.into();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            let problem = format!("{name:?} is not made of lower-case letters, digits and '-'");
            return Err(ConfigError::new("region", problem));
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
