use std::fmt;

use super::error::{NameError, NameErrorKind};

/// The longest name of a project or a file, in bytes: a client writes the file to a disk under its name.
pub(super) const MAX_BYTES: usize = 255;

/// The name of a project, in its normalised spelling ([name normalisation], PEP 503).
///
/// To see whether a text was in the normalised spelling, compare it with [`as_str`](Self::as_str).
///
/// ```
/// use portcullis::pypi::ProjectName;
///
/// let name = ProjectName::parse("Friendly-_.Bard")?;
/// assert_eq!(name.as_str(), "friendly-bard");
/// assert_eq!(name.escaped(), "friendly_bard");
/// assert!(ProjectName::parse("-bard").is_err());
/// # Ok::<_, portcullis::pypi::NameError>(())
/// ```
///
/// [name normalisation]: https://packaging.python.org/en/latest/specifications/name-normalization/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectName {
    name: Box<str>,
}

impl ProjectName {
    /// Parses a name in any spelling.
    ///
    /// # Errors
    ///
    /// Returns [`NameError`] if the name is longer than 255 bytes, has another character than ASCII letters,
    /// digits, `-`, `_` and `.`, or has no letter or digit at either end.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if name.len() > MAX_BYTES {
            return Err(NameError::new(NameErrorKind::TooLong));
        }
        if !is_valid(name.as_bytes()) {
            return Err(NameError::new(NameErrorKind::InvalidProject));
        }
        let mut normalised = String::with_capacity(name.len());
        for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
            if !normalised.is_empty() {
                normalised.push('-');
            }
            normalised.extend(
                part.bytes()
                    .map(|byte| char::from(byte.to_ascii_lowercase())),
            );
        }
        Ok(Self {
            name: normalised.into(),
        })
    }

    /// The normalised name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The name as it stands in the names of files: with `_` for `-`.
    #[must_use]
    pub fn escaped(&self) -> String {
        self.name.replace('-', "_")
    }
}

fn is_valid(name: &[u8]) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    is_end(name.first()) && is_end(name.last()) && name.iter().all(is_inner)
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_normalised() {
        for (name, normalised) in [
            ("demo", "demo"),
            ("Demo", "demo"),
            ("demo_pkg", "demo-pkg"),
            ("demo.pkg", "demo-pkg"),
            ("demo-_.-pkg", "demo-pkg"),
            ("A", "a"),
            ("7", "7"),
            ("a--b", "a-b"),
        ] {
            assert_eq!(
                ProjectName::parse(name).unwrap().as_str(),
                normalised,
                "{name}"
            );
        }
        let longest = "a".repeat(255);
        assert_eq!(ProjectName::parse(&longest).unwrap().as_str(), longest);
    }

    #[test]
    fn hostile_names_are_refused() {
        let invalid = NameErrorKind::InvalidProject;
        let too_long = "a".repeat(256);
        for (name, kind) in [
            ("", invalid),
            ("-", invalid),
            ("-demo", invalid),
            ("demo-", invalid),
            ("demo.", invalid),
            ("_demo", invalid),
            ("demo/x", invalid),
            ("..", invalid),
            ("demo\\x", invalid),
            ("demo\0", invalid),
            ("demo\n", invalid),
            ("de mo", invalid),
            ("dem\u{f6}", invalid),
            // Python's `re.IGNORECASE` takes the Kelvin sign for a `k`, without `re.ASCII`.
            ("\u{212a}elvin", invalid),
            (&too_long, NameErrorKind::TooLong),
        ] {
            assert_eq!(
                ProjectName::parse(name).unwrap_err().kind(),
                kind,
                "{name:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn normalisation_is_idempotent(name in "[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,40}[a-zA-Z0-9])?") {
            let once = ProjectName::parse(&name).unwrap();
            prop_assert_eq!(&ProjectName::parse(once.as_str()).unwrap(), &once);
            prop_assert_eq!(&ProjectName::parse(&once.escaped()).unwrap(), &once);
            prop_assert_eq!(ProjectName::parse(&name.to_uppercase()).unwrap(), once);
        }
    }
}
