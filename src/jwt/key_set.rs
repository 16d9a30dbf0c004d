use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::algorithm::Algorithm;
use super::candidates::Candidates;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::jwk::Jwk;
use super::key::VerifyingKey;
use super::{jwk_set, pem};

const MAX_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

/// Keys that verify the tokens of one issuer. It never changes.
///
/// Each key knows the algorithms that it permits, and a token's `alg` is compared with these:
///
/// | key | permits |
/// |---|---|
/// | RSA, 2048 to 8192 bits, odd exponent from 3 to 2^32 | RS256, RS384, RS512, PS256, PS384, PS512 |
/// | EC on P-256, P-384, P-521 | ES256, ES384, ES512 |
/// | OKP on Ed25519, not of small order | `EdDSA`, which is `Ed25519` as well (RFC 9864) |
/// | a secret, by [`from_hmac_secret`](Self::from_hmac_secret) alone | the one that it is given for |
///
/// A key of a JSON Web Key Set that has an `alg` permits that one alone. A point is on its curve, and
/// a signature is as long as RFC 7518 says to the byte.
///
/// # Which key a token is checked with
///
/// At most one is tried:
///
/// 1. A token with a `kid` goes with the key of exactly that name, or with none.
/// 2. Where no key of the set has a name, the token's is ignored.
/// 3. A token without a `kid`, or with one that is ignored, needs that exactly one key permits its
///    algorithm.
///
/// # Caveats
///
/// * `jsonwebtoken` has no ES512; these signatures are checked by `aws-lc-rs` itself.
/// * From an ECDSA signature another one of the same content can be made, which is taken as well. Do
///   not take the text of a token for its name.
///
/// # Example
///
/// ```
/// use portcullis::jwt::{Algorithm, KeyErrorKind, KeySet};
///
/// let keys = KeySet::from_jwks(
///     br#"{"keys":[
///         {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///         {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}
///     ]}"#,
/// )?;
/// assert_eq!((keys.len(), keys.skipped()), (1, 1));
///
/// let error = KeySet::from_hmac_secret(Algorithm::Hs256, b"secret").unwrap_err();
/// assert_eq!(error.kind(), KeyErrorKind::Size);
/// # Ok::<_, portcullis::jwt::KeyError>(())
/// ```
pub struct KeySet {
    generation: u64,
    keys: Box<[VerifyingKey]>,
    skipped: usize,
}

impl KeySet {
    /// Takes the public keys of a JSON Web Key Set (RFC 7517 section 5).
    ///
    /// Left out and counted, since one bad key must not lock out those who use another, are
    ///
    /// 1. a key of a type, curve or algorithm that is not supported: Ed448, X25519, secp256k1, `AKP`,
    ///    an encryption key;
    /// 2. a secret (`oct`), and a key with a private member (`d`, say), which whoever reads the
    ///    document could sign with;
    /// 3. a key whose `use` is not `sig`, whose `key_ops` lack `verify`, or whose `alg` is not one of
    ///    its type and curve;
    /// 4. a key that is not valid, or is out of the bounds above; a number with a leading zero octet, a
    ///    member of the wrong type (`null` is one) or there twice, base64url that is not canonical, a
    ///    `kid` longer than 256 bytes;
    /// 5. a key with the same `kid` as one before it, where both permit some algorithm.
    ///
    /// Certificates (`x5c`, `x5u`, `x5t`) are neither looked at nor fetched. A set in which no key is
    /// left [is empty](Self::is_empty), and is no error.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the document is not a JSON object with one array of objects named `keys`,
    /// is longer than 256 KiB, or has more than 100 keys.
    pub fn from_jwks(document: &[u8]) -> Result<Self, KeyError> {
        require_short(document)?;
        let entries = jwk_set::parse(document)?;
        require_few(entries.len())?;
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for key in entries.iter().filter_map(Jwk::verifying_key) {
            let is_taken = key.kid().is_some()
                && keys.iter().any(|other| {
                    other.kid() == key.kid() && other.algorithms().overlaps(key.algorithms())
                });
            if !is_taken {
                keys.push(key);
            }
        }
        let skipped = entries.len() - keys.len();
        Ok(Self::new(keys, skipped))
    }

    /// Takes the public keys of a PEM file, which have no names.
    ///
    /// Each block is a `PUBLIC KEY` (`SubjectPublicKeyInfo` in DER, an EC point uncompressed) or an
    /// `RSA PUBLIC KEY`. What stands around the blocks is a comment. `openssl pkey -pubout` makes such
    /// a file from a private key, and `openssl x509 -pubkey -noout` from a certificate.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where any block is something else, a certificate or a private key say, or is not
    /// valid; where there is no block; where the file is longer than 256 KiB, or has more than 100 keys.
    pub fn from_pem(file: &[u8]) -> Result<Self, KeyError> {
        require_short(file)?;
        let keys = pem::parse(file)?;
        require_few(keys.len())?;
        Ok(Self::new(keys, 0))
    }

    /// Takes a secret that the issuer has as well, for HS256, HS384 or HS512.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for another algorithm, for a secret that is shorter than the hash (32, 48 or 64
    /// bytes), and for a PEM, which is no secret.
    pub fn from_hmac_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        if pem::is_in(secret) {
            let problem = "a PEM is no secret";
            return Err(KeyError::new(Kind::WrongKind, problem));
        }
        Ok(Self::new(vec![VerifyingKey::hmac(algorithm, secret)?], 0))
    }

    fn new(keys: Vec<VerifyingKey>, skipped: usize) -> Self {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        Self {
            generation: GENERATIONS.fetch_add(1, Ordering::Relaxed),
            keys: keys.into(),
            skipped,
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys of the document were left out.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Which set of the process this is. No two have the same.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// The key for a token with this `kid` and `alg`.
    pub(super) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> Candidates<'_> {
        Candidates::among(&self.keys, kid, algorithm)
    }
}

#[cfg(fuzzing)]
impl KeySet {
    pub(crate) fn described(&self) -> impl Iterator<Item = (Option<&str>, Vec<&'static str>)> {
        self.keys.iter().map(|key| {
            let algorithms = Algorithm::ALL.into_iter().filter(|one| key.permits(*one));
            (key.kid(), algorithms.map(Algorithm::name).collect())
        })
    }

    pub(crate) fn place_for(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<usize, bool> {
        match self.candidates(kid, algorithm) {
            Candidates::One(key) => Ok(self.place_of(key)),
            Candidates::Refused => Err(false),
            Candidates::Unknown => Err(true),
        }
    }
}

#[cfg(any(test, fuzzing))]
impl KeySet {
    pub(super) fn place_of(&self, key: &VerifyingKey) -> usize {
        let mut keys = self.keys.iter();
        keys.position(|own| std::ptr::eq(own, key))
            .expect("a key of this set")
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("keys", &self.keys.len())
            .field("skipped", &self.skipped)
            .finish_non_exhaustive()
    }
}

fn require_short(document: &[u8]) -> Result<(), KeyError> {
    if document.len() > MAX_BYTES {
        let problem = "the keys are longer than 256 KiB";
        return Err(KeyError::new(Kind::TooLarge, problem));
    }
    Ok(())
}

fn require_few(count: usize) -> Result<(), KeyError> {
    if count > MAX_KEYS {
        let problem = "there are more than 100 keys";
        return Err(KeyError::new(Kind::TooManyKeys, problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
