use std::borrow::Cow;
use std::time::Duration;

use http::HeaderValue;
use http::request::Parts;

use super::login_cookie::LoginCookie;
use super::set_cookie::{SameSite, attributes, line};
use crate::cookies;
use crate::error::ConfigError;

/// The size of a cookie (name, value and attributes) that every browser accepts (RFC 6265 section 6.1).
const MOST_BYTES: usize = 4096;

const MOST_NAME: usize = 40;

/// Ends the first part if there is a second. It is not in the base64url alphabet.
const CONTINUED: &str = ".";

/// The cookies of a session.
///
/// A value that is too long for one cookie is split into two: `{name}`, whose value then ends in `.`, and
/// `{name}-1`.
#[derive(Clone, Debug)]
pub(crate) struct SessionCookie {
    names: [String; 2],
    same_site: SameSite,
    is_https: Option<bool>,
}

/// The value of a cookie in a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CookieValue<'a> {
    Absent,
    /// It is not a session, and must be cleared.
    Malformed,
    /// Another host of the domain has set one too. It can be neither distinguished from ours nor cleared.
    Twice,
    Given(Cow<'a, str>),
}

/// The value does not fit into two cookies.
#[derive(Debug)]
pub(crate) struct TooLarge;

impl SessionCookie {
    /// `is_https` is the scheme of the public URL, if it is fixed. Only `Some(true)` puts `__Host-`
    /// before the name.
    pub(crate) fn new(
        name: &str,
        same_site: SameSite,
        is_https: Option<bool>,
    ) -> Result<Self, ConfigError> {
        let refuse = |problem: &str| Err(ConfigError::new("cookie name", problem));
        if name.is_empty() || name.len() > MOST_NAME {
            return refuse("must be 1 to 40 characters long");
        }
        if !name.bytes().all(is_token) {
            return refuse("must be a token of RFC 6265");
        }
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("__host-") || lower.starts_with("__secure-") {
            return refuse(
                "must not begin with `__Host-` or `__Secure-`; `__Host-` is added if the public URL is https",
            );
        }
        if LoginCookie::reserves(name) {
            return refuse(
                "must not begin with `portcullis-login`, which is the name of another cookie",
            );
        }
        if same_site == SameSite::None && is_https == Some(false) {
            return Err(ConfigError::new("same site", "`None` needs https"));
        }
        let prefix = if is_https == Some(true) {
            "__Host-"
        } else {
            ""
        };
        Ok(Self {
            names: [format!("{prefix}{name}"), format!("{prefix}{name}-1")],
            same_site,
            is_https,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.names[0]
    }

    /// Reads the value. A second part that the first does not announce is left over from a longer value,
    /// and ignored.
    pub(crate) fn read<'a>(&self, head: &'a Parts) -> CookieValue<'a> {
        let first = match find(head, &self.names[0]) {
            CookieValue::Given(first) => first,
            other => return other,
        };
        let Some(start) = first.strip_suffix(CONTINUED) else {
            return CookieValue::Given(first);
        };
        match find(head, &self.names[1]) {
            CookieValue::Given(rest) => CookieValue::Given(format!("{start}{rest}").into()),
            CookieValue::Absent => CookieValue::Malformed,
            other => other,
        }
    }

    /// The `Set-Cookie` lines that set this base64url value and clear a second part that is no longer
    /// needed.
    pub(crate) fn set(
        &self,
        value: &str,
        max_age: Duration,
        is_https: bool,
        head: &Parts,
    ) -> Result<Vec<HeaderValue>, TooLarge> {
        let [first, second] = &self.names;
        let attributes = self.attributes(max_age, is_https);
        let room = |name: &str| MOST_BYTES.saturating_sub(name.len() + 1 + attributes.len());
        if value.len() <= room(first) {
            let mut lines = vec![line(first, value, &attributes)];
            lines.extend(self.cleared(second, is_https, head));
            return Ok(lines);
        }
        let (start, rest) = value
            .split_at_checked(room(first) - CONTINUED.len())
            .ok_or(TooLarge)?;
        if rest.len() > room(second) {
            return Err(TooLarge);
        }
        Ok(vec![
            line(first, &format!("{start}{CONTINUED}"), &attributes),
            line(second, rest, &attributes),
        ])
    }

    /// The lines that clear the cookies of the request.
    pub(crate) fn clear(&self, is_https: bool, head: &Parts) -> Vec<HeaderValue> {
        let names = self.names.iter();
        names
            .filter_map(|name| self.cleared(name, is_https, head))
            .collect()
    }

    /// The attributes must be those of the cookie, since browsers keep one with another `Secure` or path.
    fn cleared(&self, name: &str, is_https: bool, head: &Parts) -> Option<HeaderValue> {
        let is_shown = cookies::pairs(head).any(|pair| cookies::value_of(pair, name).is_some());
        is_shown.then(|| line(name, "", &self.attributes(Duration::ZERO, is_https)))
    }

    fn attributes(&self, max_age: Duration, is_https: bool) -> String {
        let is_https = self.is_https.unwrap_or(is_https);
        attributes(max_age, is_https, self.same_site)
    }

    /// Whether a pair of a `Cookie` field belongs to the session.
    pub(crate) fn is_ours(&self, pair: &[u8]) -> bool {
        let mut names = self.names.iter();
        names.any(|name| cookies::value_of(pair, name).is_some())
    }
}

/// The one value of this name. Of two values, neither counts.
fn find<'a>(head: &'a Parts, name: &str) -> CookieValue<'a> {
    let mut values = cookies::pairs(head).filter_map(|pair| cookies::value_of(pair, name));
    match (values.next(), values.next()) {
        (None, _) => CookieValue::Absent,
        (Some(_), Some(_)) => CookieValue::Twice,
        (Some(value), None) => match str::from_utf8(value) {
            Ok(value) => CookieValue::Given(value.into()),
            Err(_) => CookieValue::Malformed,
        },
    }
}

/// Whether this character may be in the name of a cookie, which is a token (RFC 6265 section 4.1.1).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
