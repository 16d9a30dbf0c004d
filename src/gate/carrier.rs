use std::borrow::Cow;
use std::fmt;

use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri};

use super::authorization::{Presented, authorization, strip_authorization};
use super::basic::BasicCredentials;
use super::refusal::Refusal;
use crate::cookies::{self, value_of};
use crate::error::ConfigError;
use crate::secret::Secret;

/// A place in a request where a method looks for its token.
///
/// A [`TokenVerifier`](super::TokenVerifier) judges the token itself.
///
/// ```
/// use portcullis::gate::{Carrier, Presented};
///
/// let request = http::Request::get("/").header("authorization", "Bearer abc");
/// let (head, ()) = request.body(()).unwrap().into_parts();
/// let Presented::Given(token) = Carrier::bearer().find(&head) else { panic!() };
/// assert_eq!(token.as_str(), "abc");
/// assert!(matches!(Carrier::basic_password().find(&head), Presented::Absent));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier(Place);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Bearer,
    BasicPassword,
    Header(HeaderName),
    Cookie(String),
    Query(String),
    Path,
}

/// A token found in a request. `Debug` does not print it, and a decoded one is wiped when dropped.
pub struct Token<'a>(TokenText<'a>);

enum TokenText<'a> {
    Borrowed(&'a str),
    Password(BasicCredentials),
}

impl Token<'_> {
    /// The token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            TokenText::Borrowed(token) => token,
            TokenText::Password(credentials) => credentials.password(),
        }
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A token that a rewrite has moved from the path to the request's extensions.
///
/// If an axum router is outside of that rewrite, axum's `OriginalUri` still has the token.
#[derive(Clone, Debug)]
pub struct TokenFromPath(Secret);

impl TokenFromPath {
    /// Wraps a token.
    #[must_use]
    pub fn new(token: Secret) -> Self {
        Self(token)
    }
}

impl Carrier {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    #[must_use]
    pub fn bearer() -> Self {
        Self(Place::Bearer)
    }

    /// The password of `Authorization: Basic`, with any user name. pip, uv, poetry and twine can send
    /// nothing else.
    #[must_use]
    pub fn basic_password() -> Self {
        Self(Place::BasicPassword)
    }

    /// The whole value of a header.
    #[must_use]
    pub fn header(name: HeaderName) -> Self {
        Self(Place::Header(name))
    }

    /// A cookie. Methods that use it mark their identities by
    /// [`Identity::by_cookie`](super::Identity::by_cookie).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the name is empty or has characters other than letters, digits, `-`, `.`
    /// and `_`.
    pub fn cookie(name: impl Into<String>) -> Result<Self, ConfigError> {
        checked("cookie", name.into()).map(|name| Self(Place::Cookie(name)))
    }

    /// A parameter of the query. This weakens security, since URLs are written to logs, histories and
    /// `Referer` headers (RFC 6750 section 5.3).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the name is empty or has characters other than letters, digits, `-`, `.`
    /// and `_`.
    pub fn insecure_query(name: impl Into<String>) -> Result<Self, ConfigError> {
        checked("query", name.into()).map(|name| Self(Place::Query(name)))
    }

    /// The [`TokenFromPath`] that a rewrite further out has put into the extensions.
    #[must_use]
    pub fn path_token() -> Self {
        Self(Place::Path)
    }

    #[cfg(any(feature = "jwt", feature = "token"))]
    pub(super) fn is_cookie(&self) -> bool {
        matches!(self.0, Place::Cookie(_))
    }

    /// Whether the token comes in the `Authorization` field.
    #[cfg(any(feature = "jwt", feature = "token"))]
    pub(super) fn is_authorization(&self) -> bool {
        matches!(self.0, Place::Bearer | Place::BasicPassword)
    }

    /// Looks for the token. An empty one and one given twice are refused with 400.
    #[must_use]
    pub fn find<'a>(&self, head: &'a Parts) -> Presented<Token<'a>> {
        let borrowed = |token| Token(TokenText::Borrowed(token));
        match &self.0 {
            Place::Bearer => match authorization(head, "Bearer") {
                Presented::Absent => Presented::Absent,
                Presented::Refused(refusal) => Presented::Refused(refusal),
                Presented::Given(bytes) => match b64token(bytes) {
                    Some(token) => Presented::Given(borrowed(token)),
                    None => Presented::Refused(Refusal::malformed("malformed bearer token")),
                },
            },
            Place::BasicPassword => match BasicCredentials::from_head(head) {
                Presented::Absent => Presented::Absent,
                Presented::Refused(refusal) => Presented::Refused(refusal),
                Presented::Given(it) => Presented::Given(Token(TokenText::Password(it))),
            },
            Place::Header(name) => {
                only(head.headers.get_all(name).iter().map(HeaderValue::as_bytes))
            }
            Place::Cookie(name) => {
                only(cookies::pairs(head).filter_map(|pair| value_of(pair, name)))
            }
            Place::Query(name) => {
                only(query_pairs(&head.uri).filter_map(|pair| value_of(pair.as_bytes(), name)))
            }
            Place::Path => match head.extensions.get::<TokenFromPath>() {
                None => Presented::Absent,
                Some(TokenFromPath(token)) => Presented::Given(borrowed(token.expose())),
            },
        }
    }

    /// Removes the token from a request, and nothing else.
    pub fn strip(&self, head: &mut Parts) {
        match &self.0 {
            Place::Bearer => strip_authorization(head, "Bearer"),
            Place::BasicPassword => strip_authorization(head, "Basic"),
            Place::Header(name) => {
                head.headers.remove(name);
            }
            Place::Cookie(name) => cookies::strip(head, |pair| value_of(pair, name).is_some()),
            Place::Query(name) => strip_query(head, name),
            Place::Path => {
                head.extensions.remove::<TokenFromPath>();
            }
        }
    }
}

fn checked(setting: &'static str, name: String) -> Result<String, ConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if !name.is_empty() && name.bytes().all(plain) {
        Ok(name)
    } else {
        Err(ConfigError::new(
            setting,
            "the name must be letters, digits, '-', '.' and '_'",
        ))
    }
}

/// The `b64token` of RFC 6750 section 2.1.
fn b64token(bytes: &[u8]) -> Option<&str> {
    // Padding is at the end only, and a token is more than padding.
    let unpadded = bytes.len() - bytes.iter().rev().take_while(|&&byte| byte == b'=').count();
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    // Without an early return, so that the compiler can compare many bytes at once.
    let plain = bytes[..unpadded].iter();
    if unpadded == 0 || !plain.fold(true, |all, &byte| all & is_plain(byte)) {
        return None;
    }
    std::str::from_utf8(bytes).ok()
}

/// The one value, which must be visible ASCII, as all tokens of this crate are.
fn only<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Presented<Token<'a>> {
    let Some(value) = values.next() else {
        return Presented::Absent;
    };
    if values.next().is_some() {
        return Presented::Refused(Refusal::malformed("a token is given twice"));
    }
    match std::str::from_utf8(value) {
        Ok(token) if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Presented::Given(Token(TokenText::Borrowed(token)))
        }
        _ => Presented::Refused(Refusal::malformed("malformed token")),
    }
}

fn query_pairs(uri: &Uri) -> impl Iterator<Item = &str> {
    uri.query().unwrap_or_default().split('&')
}

fn strip_query(head: &mut Parts, name: &str) {
    if !query_pairs(&head.uri).any(|pair| value_of(pair.as_bytes(), name).is_some()) {
        return;
    }
    let kept: Vec<_> = query_pairs(&head.uri)
        .filter(|pair| value_of(pair.as_bytes(), name).is_none())
        .collect();
    let target = match kept.join("&") {
        query if query.is_empty() => Cow::Borrowed(head.uri.path()),
        query => Cow::Owned(format!("{}?{query}", head.uri.path())),
    };
    let mut parts = head.uri.clone().into_parts();
    parts.path_and_query = Some(
        target
            .parse()
            .expect("a shorter query leaves a valid target"),
    );
    head.uri = Uri::from_parts(parts).expect("only the query was shortened");
}
