use std::fmt;

use super::error::{NameError, NameErrorKind};
use super::name::MAX_BYTES;

/// A version of a project ([version specifiers], PEP 440).
///
/// Versions compare as installers compare them: `1.0` equals `1.0.0`, and `1.10` is greater than `1.9`. It is
/// written in its normalised spelling.
///
/// ```
/// use portcullis::pypi::Version;
///
/// let version = Version::parse("v1.0-Alpha.1")?;
/// assert_eq!(version.to_string(), "1.0a1");
/// assert!(version < Version::parse("1.0")?);
/// # Ok::<_, portcullis::pypi::NameError>(())
/// ```
///
/// [version specifiers]: https://packaging.python.org/en/latest/specifications/version-specifiers/
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    version: pep440_rs::Version,
}

impl Version {
    /// Parses a version in any spelling.
    ///
    /// # Errors
    ///
    /// Returns [`NameError`] if it is not a version, is longer than 255 bytes, or has a number of 2⁶⁴ or
    /// more.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > MAX_BYTES {
            return Err(NameError::new(NameErrorKind::TooLong));
        }
        let version = text.parse();
        let version = version.map_err(|_| NameError::new(NameErrorKind::InvalidVersion))?;
        Ok(Self { version })
    }

    /// Whether it is a pre-release or a development release.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.version.any_prerelease()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.version)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({})", self.version)
    }
}
