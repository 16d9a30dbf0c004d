use http::HeaderValue;

use crate::error::ConfigError;

/// The types of files that package managers fetch.
const PACKAGES: [(&str, &str); 13] = [
    (".whl", "application/zip"),
    (".zip", "application/zip"),
    (".egg", "application/zip"),
    (".conda", "application/zip"),
    (".tar.gz", "application/gzip"),
    (".tgz", "application/gzip"),
    (".tar.bz2", "application/x-bzip2"),
    (".tar.xz", "application/x-xz"),
    (".zst", "application/zstd"),
    // PEP 658 puts it beside the wheel, under the wheel's name.
    (".metadata", "text/plain; charset=utf-8"),
    (".json", "application/json"),
    (".asc", "application/pgp-signature"),
    (".sha256", "text/plain; charset=utf-8"),
];

/// Replaces the stored `Content-Type` of objects by the suffixes of their keys.
///
/// s3pypi, for example, stores `application/x-gzip` for every wheel. An object whose key has none of the
/// suffixes keeps its stored type.
///
/// ```
/// use portcullis::s3::ContentTypes;
///
/// let types = ContentTypes::packages().with_suffix(".deb", "application/vnd.debian.binary-package")?;
/// assert!(ContentTypes::new().with_suffix("deb", "application/octet-stream").is_err());
/// # let _ = types;
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ContentTypes {
    /// Suffixes in lower case.
    by_suffix: Vec<(String, HeaderValue)>,
}

impl ContentTypes {
    /// No suffixes: every object keeps its stored type.
    pub fn new() -> Self {
        Self::default()
    }

    /// The types of Python and conda packages and of the files beside them.
    pub fn packages() -> Self {
        let by_suffix = PACKAGES
            .map(|(suffix, content_type)| {
                (suffix.to_owned(), HeaderValue::from_static(content_type))
            })
            .to_vec();
        Self { by_suffix }
    }

    /// Adds the type of keys that end in `suffix`, in upper or lower case. The longest suffix that fits
    /// counts, and of equal ones the last.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the suffix does not begin with a dot or is only a dot, and if the type
    /// has no slash or cannot be sent in a header.
    pub fn with_suffix(mut self, suffix: &str, content_type: &str) -> Result<Self, ConfigError> {
        if !suffix.starts_with('.') || suffix.len() == 1 {
            let problem = format!("{suffix:?} is not a suffix such as \".whl\"");
            return Err(ConfigError::new("content types", problem));
        }
        let value = HeaderValue::from_str(content_type)
            .ok()
            .filter(|_| content_type.contains('/'))
            .ok_or_else(|| {
                let problem =
                    format!("{content_type:?} is not a content type such as \"application/zip\"");
                ConfigError::new("content types", problem)
            })?;
        let suffix = suffix.to_ascii_lowercase();
        self.by_suffix.push((suffix, value));
        Ok(self)
    }

    /// The type of the object with this key, if one of the suffixes fits.
    pub(crate) fn of(&self, key: &str) -> Option<&HeaderValue> {
        let ends = |suffix: &str| {
            let start = key.len().checked_sub(suffix.len());
            start.is_some_and(|start| {
                key.as_bytes()[start..].eq_ignore_ascii_case(suffix.as_bytes())
            })
        };
        self.by_suffix
            .iter()
            .filter(|(suffix, _)| ends(suffix))
            // It takes the last of equal ones.
            .max_by_key(|(suffix, _)| suffix.len())
            .map(|(_, content_type)| content_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_suffix_in_any_case_counts() {
        let types = ContentTypes::packages()
            .with_suffix(".gz", "application/x-plain")
            .unwrap()
            .with_suffix(".ZIP", "application/x-last")
            .unwrap();
        for (key, expected) in [
            ("a/b-1.0-py3-none-any.whl", Some("application/zip")),
            ("a/B.WHL", Some("application/zip")),
            ("b-1.0.tar.gz", Some("application/gzip")),
            ("b.gz", Some("application/x-plain")),
            ("b.zip", Some("application/x-last")),
            ("b.whl.metadata", Some("text/plain; charset=utf-8")),
            ("repodata.json.zst", Some("application/zstd")),
            ("b.whl/", None),
            ("whl", None),
            ("é", None),
            ("", None),
        ] {
            let found = types.of(key).map(|value| value.to_str().unwrap());
            assert_eq!(found, expected, "{key}");
            assert_eq!(ContentTypes::new().of(key), None, "{key}");
        }
    }

    #[test]
    fn a_wrong_suffix_or_type_is_refused() {
        for (suffix, content_type) in [
            ("whl", "application/zip"),
            (".", "application/zip"),
            ("", "application/zip"),
            (".whl", "zip"),
            (".whl", "application/zip\n"),
        ] {
            let error = ContentTypes::new().with_suffix(suffix, content_type);
            assert_eq!(error.unwrap_err().setting(), "content types");
        }
    }
}
