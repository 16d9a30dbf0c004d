use std::fmt;

use portcullis::path::RequestPath;

/// The path of a mount: canonical and without its final slash, so that the root is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MountPath {
    path: String,
}

impl MountPath {
    /// The mount of everything.
    pub(crate) const ROOT: Self = Self {
        path: String::new(),
    };

    /// Accepts a path in any spelling that a request could have, with or without a final slash.
    ///
    /// # Errors
    ///
    /// Returns the reason why no request could have this path.
    pub(crate) fn parse(path: &str) -> Result<Self, String> {
        let parsed = RequestPath::parse(path).map_err(|error| error.to_string())?;
        let path = parsed.as_str();
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.contains("//") || path.ends_with('/') {
            return Err(String::from("the path has an empty segment"));
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The rest of a canonical path below this mount: empty, or with its slash.
    pub(crate) fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&self.path)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    /// The path without its final slash.
    pub(crate) fn as_str(&self) -> &str {
        &self.path
    }

    /// The path of the URL for a path below this mount.
    pub(crate) fn join(&self, below: &str) -> String {
        [&self.path, below].concat()
    }

    /// Of two mounts that both have a path, the longer one is within the other.
    pub(crate) fn len(&self) -> usize {
        self.path.len()
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.path.is_empty() {
            "/"
        } else {
            &self.path
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_has_the_paths_below_it() {
        for (mount, path, rest) in [
            ("/", "/", Some("/")),
            ("/", "/a/b", Some("/a/b")),
            ("/a", "/a", Some("")),
            ("/a/", "/a", Some("")),
            ("/a", "/a/", Some("/")),
            ("/a", "/a/b", Some("/b")),
            ("/a", "/a//b", Some("//b")),
            ("/a", "/ab", None),
            ("/a", "//a", None),
            ("/a", "/A", None),
            ("/%61%2Fb", "/a/b/c", Some("/c")),
            ("/é", "/%C3%A9/x", Some("/x")),
        ] {
            let mount = MountPath::parse(mount).unwrap();
            assert_eq!(mount.strip(path), rest, "{path} at {mount}");
            if let Some(rest) = rest {
                assert_eq!(mount.join(rest), path);
            }
        }
    }

    #[test]
    fn a_path_that_no_request_has_is_refused() {
        for path in [
            "", "a", "/a/../b", "/%2e%2e", "/a\\b", "//", "/a//b", "/a%zz",
        ] {
            assert!(MountPath::parse(path).is_err(), "{path:?} is taken");
        }
        assert_eq!(MountPath::parse("/").unwrap(), MountPath::ROOT);
        assert_eq!(MountPath::parse("/%61/").unwrap().to_string(), "/a");
    }
}
