use std::borrow::Cow;

#[cfg(feature = "s3-proxy")]
use super::canonical::RequestPath;
use super::canonical::{parse_decoded, refuse_unsafe};
use super::encode::encode_path;
use super::error::{PathError, PathErrorKind};
use crate::error::ConfigError;

/// The most bytes that an object key may have, its prefix included (Amazon S3 user guide, "Naming
/// Amazon S3 objects").
const MAX_KEY_BYTES: usize = 1024;

/// The name of an object in a bucket, its [`KeyPrefix`] included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectKey {
    key: String,
}

impl ObjectKey {
    /// The key below `prefix` for a request's path in its canonical spelling: the decoded path without
    /// its first slash.
    ///
    /// # Errors
    ///
    /// Returns [`PathError`] if the [module docs](crate::path) list the path as refused, if it is not in
    /// its canonical spelling, if the key is longer than 1024 bytes, and if the key is empty, since a
    /// request for it would address the bucket.
    pub fn from_path(path: &str, prefix: &KeyPrefix) -> Result<Self, PathError> {
        let decoded = parse_decoded(path)?;
        // A part outside may have routed or authorised this spelling; for another it could decide otherwise.
        if encode_path(&decoded) != path {
            return Err(PathError::new(PathErrorKind::NotCanonical));
        }
        let key = [prefix.as_str(), &decoded[1..]].concat();
        if key.is_empty() {
            return Err(PathError::new(PathErrorKind::NoKey));
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(PathError::new(PathErrorKind::TooLong));
        }
        Ok(Self { key })
    }

    /// The key `name` below `prefix`. It is taken as it is: a `%` in it is a `%` in the key.
    ///
    /// # Errors
    ///
    /// Returns [`PathError`] as [`from_path`](Self::from_path) does: what cannot be read by a path must not be
    /// written either.
    pub fn new(name: &str, prefix: &KeyPrefix) -> Result<Self, PathError> {
        Self::from_path(&encode_path(&["/", name].concat()), prefix)
    }

    /// As [`from_path`](Self::from_path), for a path in any spelling. For paths of the configuration,
    /// which no other part has checked.
    #[cfg(feature = "s3-proxy")]
    pub(crate) fn from_any_spelling(path: &str, prefix: &KeyPrefix) -> Result<Self, PathError> {
        Self::from_path(RequestPath::parse(path)?.as_str(), prefix)
    }

    /// The decoded key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// The key as it is sent in the path and signed in the canonical request.
    #[must_use]
    pub fn encoded(&self) -> Cow<'_, str> {
        encode_path(&self.key)
    }
}

/// The folder of a bucket that a part is confined to: empty, or with one slash at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPrefix {
    prefix: String,
}

impl KeyPrefix {
    /// Accepts `packages`, `/packages` and `packages/` alike. Slashes within it are kept.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the prefix has a dot segment, a control byte or a backslash, or leaves
    /// no room for a key.
    pub fn new(prefix: &str) -> Result<Self, ConfigError> {
        // Two slashes where prefix and path meet would be an empty segment, and so another key.
        let trimmed = prefix.trim_matches('/');
        if trimmed.is_empty() {
            return Ok(Self::default());
        }
        refuse_unsafe(trimmed).map_err(|kind| ConfigError::new("prefix", kind.predicate()))?;
        if trimmed.len() + 1 >= MAX_KEY_BYTES {
            return Err(ConfigError::new(
                "prefix",
                "leaves no room for a key of 1024 bytes",
            ));
        }
        Ok(Self {
            prefix: format!("{trimmed}/"),
        })
    }

    /// The prefix, with its final slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.prefix
    }

    /// The prefix `inner` within this one.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if `inner` is not a prefix by the rules of [`KeyPrefix::new`], or if both
    /// together leave no room for a key.
    pub fn join(&self, inner: &str) -> Result<Self, ConfigError> {
        Self::new(&[self.as_str(), Self::new(inner)?.as_str()].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str, prefix: &str) -> Result<String, PathErrorKind> {
        ObjectKey::from_path(path, &KeyPrefix::new(prefix).unwrap())
            .map(|key| key.as_str().to_owned())
            .map_err(|error| error.kind())
    }

    #[test]
    fn a_key_is_prefix_and_decoded_path() {
        for (path, prefix, expected) in [
            ("/a", "", "a"),
            ("/a%20b%2Bc", "", "a b+c"),
            ("/%C3%A9", "", "é"),
            ("/a//b/", "", "a//b/"),
            ("//a", "", "/a"),
            ("/a", "packages", "packages/a"),
            ("/", "packages/", "packages/"),
            ("/a", "/x//y/", "x//y/a"),
            ("/%2570", "", "%70"),
        ] {
            assert_eq!(
                key(path, prefix).as_deref(),
                Ok(expected),
                "{path} below {prefix:?}"
            );
        }
    }

    #[test]
    fn a_key_never_leaves_its_prefix() {
        for (path, prefix, kind) in [
            ("/../other", "packages", PathErrorKind::DotSegment),
            (
                "/a/%2E%2E/%2E%2E/other",
                "packages",
                PathErrorKind::DotSegment,
            ),
            ("/..%5Cother", "packages", PathErrorKind::Backslash),
            ("/", "", PathErrorKind::NoKey),
            ("other", "packages", PathErrorKind::NotAbsolute),
            ("/%70rivate", "", PathErrorKind::NotCanonical),
            ("/a+b", "", PathErrorKind::NotCanonical),
            ("/dir%2Fx.txt", "", PathErrorKind::NotCanonical),
            ("/a%2bb", "", PathErrorKind::NotCanonical),
            ("/a/./b", "packages", PathErrorKind::NotCanonical),
            ("/.", "", PathErrorKind::NotCanonical),
        ] {
            assert_eq!(key(path, prefix), Err(kind), "{path} below {prefix:?}");
        }
    }

    #[test]
    fn a_key_has_at_most_1024_bytes() {
        let longest = format!("/{}", "k".repeat(1024));
        assert_eq!(key(&longest, "").unwrap().len(), 1024);
        assert_eq!(key(&format!("{longest}k"), ""), Err(PathErrorKind::TooLong));
        assert_eq!(key(&longest, "p"), Err(PathErrorKind::TooLong));
        let two_bytes_each = format!("/{}", "%C3%A9".repeat(512));
        assert_eq!(key(&two_bytes_each, "").unwrap().len(), 1024);
        assert_eq!(
            key(&format!("{two_bytes_each}x"), ""),
            Err(PathErrorKind::TooLong)
        );
    }

    #[test]
    fn a_prefix_is_checked_when_built() {
        for (given, kept) in [
            ("", ""),
            ("/", ""),
            ("a", "a/"),
            ("/a/", "a/"),
            ("a//b//", "a//b/"),
        ] {
            assert_eq!(KeyPrefix::new(given).unwrap().as_str(), kept);
        }
        for bad in ["..", "a/../b", "a/./b", "a\\b", "a\nb", &"p".repeat(1023)] {
            assert_eq!(
                KeyPrefix::new(bad).unwrap_err().setting(),
                "prefix",
                "{bad:?}"
            );
        }
        let outer = KeyPrefix::new("a").unwrap();
        assert_eq!(outer.join("/b/").unwrap().as_str(), "a/b/");
        assert_eq!(outer.join("").unwrap(), outer);
        assert_eq!(KeyPrefix::default().join("b").unwrap().as_str(), "b/");
        assert!(outer.join("..").is_err());
    }
}
