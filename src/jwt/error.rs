use std::error::Error;
use std::fmt;

/// Why keys could not be taken.
///
/// It repeats nothing of what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    kind: KeyErrorKind,
    problem: &'static str,
}

/// The kind of a [`KeyError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The document is longer than 256 KiB.
    TooLarge,
    /// There are more than 100 keys.
    TooManyKeys,
    /// The document is no JSON Web Key Set, or no PEM with a key in it.
    Malformed,
    /// What is given is not a public key: a certificate, a PEM of another label, a public key where a
    /// secret is due.
    NotAPublicKey,
    /// A private key is given where a public one is enough: the gateway should not have it.
    PrivateKey,
    /// The key is of a type, a curve or an encoding that is not supported, or is not valid; or the
    /// algorithm takes no such key.
    Unsupported,
    /// The key is of a size that is not allowed: a secret shorter than the hash, or RSA outside of
    /// 2048 to 8192 bits.
    Size,
}

impl KeyError {
    pub(super) fn new(kind: KeyErrorKind, problem: &'static str) -> Self {
        Self { kind, problem }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> KeyErrorKind {
        self.kind
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem)
    }
}

impl Error for KeyError {}
