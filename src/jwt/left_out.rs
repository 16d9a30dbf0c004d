use std::fmt;

use super::error::KeyError;
use crate::gate::Quoted;

/// A key of a document that no token is checked with.
///
/// It prints the name of the key, escaped and cut to 200 bytes, and the reason:
/// `the key "2024-01" is left out: an RSA key must have 2048 to 8192 bits, and this one has 1024`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutKey {
    kid: Option<Box<str>>,
    reason: KeyError,
}

impl LeftOutKey {
    pub(super) fn new(kid: Option<&str>, reason: KeyError) -> Self {
        Self {
            kid: kid.map(Box::from),
            reason,
        }
    }

    /// The name of the key, if it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Why it is left out.
    #[must_use]
    pub fn reason(&self) -> &KeyError {
        &self.reason
    }
}

impl fmt::Display for LeftOutKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "the key {} is left out: ", Quoted(kid))?,
            None => f.write_str("a key without kid is left out: ")?,
        }
        self.reason.fmt(f)
    }
}
