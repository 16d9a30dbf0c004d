use http::Uri;
use percent_encoding::percent_decode;

use crate::path::RequestPath;

/// The maximum length in bytes: it is part of the `state` parameter, and so of URLs.
const MAX_LEN: usize = 2048;

/// How often a path is decoded for the check: once for the gateway, and once more for whatever is behind
/// it.
const ROUNDS: usize = 2;

/// Where a browser returns after the sign-in: a path of this site with its query, kept byte for byte.
///
/// 1. It is at most 2,048 bytes of visible ASCII, without `\` and `#`: browsers read a backslash as a
///    slash, and drop tabs and line feeds anywhere.
/// 2. It begins with one slash, which neither a slash nor a backslash follows: `//host` is another site.
/// 3. Its path is UTF-8 without backslashes, control characters and the segments `.` and `..`.
///
/// Rules 2 and 3 apply to the path as it is, percent-decoded once, and decoded twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReturnPath {
    target: String,
    /// The path without the query, in canonical spelling if it has one.
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
            // A malformed escape stays as it is, as in browsers and most servers.
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

    /// The target of a request without scheme and host, or `/` if it is not a safe path.
    pub(super) fn of(uri: &Uri) -> Self {
        uri.path_and_query()
            .and_then(|target| Self::parse(target.as_str()))
            .unwrap_or_default()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.target
    }

    /// The path alone, in the spelling of the routes: no sign-in may return to its own routes, where the
    /// next would start.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// The root of the site.
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

/// Whether every reader takes this for a path of the site itself.
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
