use crate::error::ConfigError;
use crate::path::RequestPath;

/// The paths after which a token is looked for, beside the root.
#[derive(Clone, Debug, Default)]
pub(super) struct Mounts {
    /// In their canonical spelling, without a slash at the end.
    paths: Vec<Box<str>>,
}

/// The result of the search for a token in a path.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    Nothing,
    /// A token, and the path without it.
    Token {
        token: &'a str,
        path: String,
    },
    Malformed(&'static str),
}

impl Mounts {
    pub(super) fn add(&mut self, path: &str) -> Result<(), ConfigError> {
        let refuse = |problem: &str| {
            Err(ConfigError::new(
                "token mount",
                format!("{path:?} {problem}"),
            ))
        };
        let Ok(parsed) = RequestPath::parse(path) else {
            return refuse("is not a path that a request can have");
        };
        let canonical = parsed.as_str().trim_end_matches('/');
        let mut segments = canonical.split('/').skip(1).peekable();
        if segments.peek().is_none() {
            return refuse("is the root, where tokens are removed anyway: leave it out");
        }
        // Otherwise a path could be read in two ways.
        if segments.any(|segment| matches!(segment, "" | "t")) {
            return refuse("has a segment that is empty or `t`");
        }
        self.paths.push(canonical.into());
        Ok(())
    }

    /// Looks for a token in a canonical path.
    pub(super) fn find<'a>(&self, path: &'a str) -> Found<'a> {
        let Some((before, token, after)) = self.split(path) else {
            return Found::Nothing;
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if token.is_empty() || !token.bytes().all(plain) {
            return Found::Malformed("malformed token in the path");
        }
        let path = match [before, after].concat() {
            path if path.is_empty() => String::from("/"),
            path => path,
        };
        if self.split(&path).is_some() {
            return Found::Malformed("two tokens in the path");
        }
        Found::Token { token, path }
    }

    /// The path before `/t/`, the segment after it, and the rest.
    fn split<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
        let mounts = self.paths.iter().map(|mount| &**mount);
        let (before, tail) = mounts.chain([""]).find_map(|mount| {
            let tail = path.strip_prefix(mount)?.strip_prefix("/t/")?;
            Some((&path[..mount.len()], tail))
        })?;
        let end = tail.find('/').unwrap_or(tail.len());
        Some((before, &tail[..end], &tail[end..]))
    }
}
