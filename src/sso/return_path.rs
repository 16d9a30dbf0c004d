use http::Uri;
use percent_encoding::percent_decode;

use crate::path::RequestPath;

/// The longest that is kept, in bytes: the `state` parameter that it travels in stands in URLs.
const MAX_LEN: usize = 2048;

/// How often a path is decoded to see what comes out: once by the gateway, and once more by whatever
/// stands behind it.
const ROUNDS: usize = 2;

/// Where a browser goes when the sign-in is over: a path of this site with its query, kept byte for
/// byte.
///
/// 1. It has 2,048 bytes at most, all of them visible ASCII, and neither a backslash nor a `#`: browsers
///    take a backslash for a slash, and drop tabs and line feeds wherever they stand.
/// 2. It begins with one slash, and neither a slash nor a backslash follows: `//host` is another site.
/// 3. Its path has no backslash, no control character and no segment `.` or `..`, and is UTF-8.
///
/// The path is held to 2 and 3 as it is, percent-decoded once, and decoded once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnPath {
    target: String,
    /// Without the query, in the canonical spelling where it has one.
    path: String,
}

impl ReturnPath {
    pub(super) fn parse(target: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#');
        if target.len() > MAX_LEN || !target.bytes().all(is_plain) {
            return None;
        }
        let mut path = path_of(target).as_bytes().to_vec();
        for _ in 0..ROUNDS {
            if !stays_here(&path) {
                return None;
            }
            // A bad escape stays as it is, as browsers and most servers have it.
            path = percent_decode(&path).collect();
        }
        stays_here(&path).then(|| {
            let path = path_of(target);
            let canonical = RequestPath::parse(path).map(RequestPath::into_string);
            Self {
                target: target.to_owned(),
                path: canonical.unwrap_or_else(|_| path.to_owned()),
            }
        })
    }

    /// The target of a request without its scheme and host, or `/` where nobody may be sent there.
    pub(super) fn of(uri: &Uri) -> Self {
        uri.path_and_query()
            .and_then(|target| Self::parse(target.as_str()))
            .unwrap_or_default()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.target
    }

    /// The path alone, in the spelling that routes are compared in: no sign-in may end at a route of
    /// its own, where the next would begin.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// Where the site begins.
impl Default for ReturnPath {
    fn default() -> Self {
        Self {
            target: "/".to_owned(),
            path: "/".to_owned(),
        }
    }
}

/// The target as it is kept, for the fuzz target.
#[cfg(fuzzing)]
pub(crate) fn return_path(target: &str) -> Option<String> {
    ReturnPath::parse(target).map(|path| path.target)
}

fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// Whether this is a path of the site itself to everybody who reads it.
fn stays_here(path: &[u8]) -> bool {
    let Ok(path) = std::str::from_utf8(path) else {
        return false;
    };
    let begins_with_one_slash = path
        .strip_prefix('/')
        .is_some_and(|rest| !rest.starts_with('/'));
    let mut segments = path.split('/');
    begins_with_one_slash
        && !path.contains(|c: char| c == '\\' || c.is_control())
        && !segments.any(|segment| matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests;
