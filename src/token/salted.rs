use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::digest::TokenDigest;
use crate::error::ConfigError;
use crate::gate::{Decision, Identity, Refusal, TokenVerifier};

/// The salt in the source of artifact-upload-handler.
const SALT: &[u8] = b"42679ad04d44c96ed27470c02bfb28c3";

/// The one token of artifact-upload-handler, by its `TOKEN_HASH`: the SHA-256 of a salt and the
/// token, in lower-case hexadecimal digits.
///
/// The salt is public and always the same, and the hash is fast: an attacker who reads it can guess a
/// token that a person has made up. It exists so that such tokens need not be replaced at once; use
/// [`Tokens`](super::Tokens) for new ones. It judges tokens of any format, so it must be the last in an
/// [`AnyOf`](crate::gate::AnyOf).
///
/// ```
/// use portcullis::gate::{Decision, TokenVerifier, Verdict};
/// use portcullis::token::InsecureSaltedToken;
///
/// let hash = "f4e7b109e7aaef9a56f019d83fba027513ee8f63faf73fbb3c993071089eeb81";
/// let token = InsecureSaltedToken::new(hash, "uploader")?;
/// assert!(matches!(token.verify("mysecuretoken"), Decision::Now(Verdict::Admit(_))));
/// assert!(matches!(token.verify("guess"), Decision::Now(Verdict::Refuse(_))));
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[must_use]
pub struct InsecureSaltedToken {
    hash: [u8; 32],
    identity: Identity,
}

impl InsecureSaltedToken {
    /// Admits the token with this hash as `subject`, by the method `token`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the hash is not 64 lower-case hexadecimal digits, or if it is the hash of
    /// the empty token, which mostly comes from a variable that is not set.
    pub fn new(hash: &str, subject: impl Into<String>) -> Result<Self, ConfigError> {
        let refuse = |problem| Err(ConfigError::new("token hash", problem));
        let Some(hash) = TokenDigest::from_hex(hash).map(|hash| *hash.as_bytes()) else {
            return refuse("must be 64 lower-case hexadecimal digits");
        };
        if hash == salted("") {
            return refuse("is the hash of the empty token");
        }
        let identity = Identity::new("token", subject);
        Ok(Self { hash, identity })
    }

    /// Grants these scopes.
    pub fn with_scopes<I>(mut self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.identity = self.identity.with_scopes(scopes);
        self
    }
}

fn salted(token: &str) -> [u8; 32] {
    Sha256::new_with_prefix(SALT)
        .chain_update(token.as_bytes())
        .finalize()
        .into()
}

impl TokenVerifier for InsecureSaltedToken {
    fn verify(&self, token: &str) -> Decision {
        if salted(token).ct_eq(&self.hash).into() {
            Decision::admit(self.identity.clone())
        } else {
            Decision::refuse(Refusal::invalid("wrong token"))
        }
    }
}

impl fmt::Debug for InsecureSaltedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InsecureSaltedToken")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
