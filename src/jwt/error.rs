use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::error::ConfigError;

/// Why keys were refused.
///
/// It repeats no key: of the input, only names and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    kind: KeyErrorKind,
    problem: Cow<'static, str>,
}

/// The kind of a [`KeyError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The document is longer than 256 KiB.
    TooLarge,
    /// There are more than 100 keys.
    TooManyKeys,
    /// The document is not a JSON Web Key Set, or not a PEM with a key in it.
    Malformed,
    /// The input is something else than a public key, such as a certificate; or a PEM instead of a secret.
    WrongKind,
    /// The input is a private key, although the public key is enough.
    PrivateKey,
    /// A key is not valid, or is of a type or a curve that is not supported, or does not fit the algorithm.
    Unsupported,
    /// A key is of a size that is not allowed: a secret shorter than the hash, or RSA of less than
    /// 2048 or more than 8192 bits.
    Size,
    /// An RSA key is one of those whose primes can be computed from it (CVE-2017-15361).
    Weak,
}

impl KeyError {
    pub(super) fn new(kind: KeyErrorKind, problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            problem: problem.into(),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> KeyErrorKind {
        self.kind
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl Error for KeyError {}

/// About the setting `keys`.
impl From<KeyError> for ConfigError {
    fn from(error: KeyError) -> Self {
        Self::from_error("keys", error)
    }
}
