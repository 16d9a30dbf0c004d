use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::algorithm::Algorithm;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::jwk::Jwk;
use super::key::VerifyingKey;
use super::{jwk, pem};

const MAX_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

/// Keys that verify the tokens of one issuer. A set never changes, and a clone costs a counter.
///
/// Each key knows the algorithms that it permits, and a token's `alg` is compared with these:
///
/// | key | permits |
/// |---|---|
/// | RSA, 2048 to 8192 bits, odd exponent from 3 to 2^32 | RS256, RS384, RS512, PS256, PS384, PS512 |
/// | EC on P-256, P-384, P-521 | ES256, ES384, ES512 |
/// | OKP on Ed25519, not of small order | `EdDSA`, which is `Ed25519` as well (RFC 9864) |
/// | a secret, by [`from_hmac_secret`](Self::from_hmac_secret) alone | the algorithm that it is given for |
///
/// A key of a JSON Web Key Set that has an `alg` permits that algorithm alone. A point must be on its curve,
/// and a signature must have exactly the length of RFC 7518.
///
/// # Which key a token is checked with
///
/// At most one key is tried:
///
/// 1. A token with a `kid` is checked with the key of exactly that name, or refused.
/// 2. If no key of the set has a name, the `kid` is ignored.
/// 3. A token without a `kid`, or with one that is ignored, is refused unless exactly one key permits its
///    algorithm.
///
/// # Caveats
///
/// * `jsonwebtoken` has no ES512; these signatures are checked by `aws-lc-rs` itself.
/// * Anybody can turn an ECDSA signature into a second valid signature of the same content. Do not use the
///   text of a token as its identifier.
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
#[derive(Clone)]
pub struct KeySet {
    set: Arc<Set>,
}

struct Set {
    generation: u64,
    keys: Box<[VerifyingKey]>,
    skipped: usize,
}

impl KeySet {
    /// Reads the public keys of a JSON Web Key Set (RFC 7517 section 5).
    ///
    /// One bad key must not lock out the users of another, so these are left out and
    /// [counted](Self::skipped):
    ///
    /// 1. a key of a type, curve or algorithm that is not supported: Ed448, X25519, secp256k1, `AKP`,
    ///    an encryption key;
    /// 2. a secret (`oct`), and a key with a private member (such as `d`), with which any reader of the
    ///    document could sign;
    /// 3. a key whose `use` is not `sig`, whose `key_ops` lack `verify`, or whose `alg` does not fit its type
    ///    and curve;
    /// 4. a key that is not valid, or is out of the bounds above; a number with a leading zero octet, a
    ///    member of the wrong type (such as `null`) or given twice, base64url that is not canonical, a
    ///    `kid` longer than 256 bytes;
    /// 5. a key with the same `kid` as one before it, if both permit some algorithm.
    ///
    /// Certificates (`x5c`, `x5u`, `x5t`) are neither looked at nor fetched. A set in which no key is
    /// left [is empty](Self::is_empty), which is not an error.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError`] if the document is not a JSON object with one array of objects named `keys`,
    /// is longer than 256 KiB, or has more than 100 keys.
    pub fn from_jwks(document: &[u8]) -> Result<Self, KeyError> {
        require_short(document)?;
        let entries = jwk::parse(document)?;
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

    /// Reads the public keys of a PEM file, which have no names.
    ///
    /// Each block is a `PUBLIC KEY` (`SubjectPublicKeyInfo` in DER, an EC point uncompressed) or an
    /// `RSA PUBLIC KEY`. Text around the blocks is a comment. `openssl pkey -pubout` makes such
    /// a file from a private key, and `openssl x509 -pubkey -noout` from a certificate.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError`] if any block is not valid or is something else, such as a certificate or a
    /// private key; if there is no block; if the file is longer than 256 KiB, or has more than 100 keys.
    pub fn from_pem(file: &[u8]) -> Result<Self, KeyError> {
        require_short(file)?;
        let keys = pem::parse(file)?;
        require_few(keys.len())?;
        Ok(Self::new(keys, 0))
    }

    /// Takes a secret that is shared with the issuer, for HS256, HS384 or HS512.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError`] for another algorithm, for a secret that is shorter than the hash (32, 48 or 64
    /// bytes), and for a PEM.
    pub fn from_hmac_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        if pem::is_in(secret) {
            let problem = "a PEM is not a secret";
            return Err(KeyError::new(Kind::WrongKind, problem));
        }
        Ok(Self::new(vec![VerifyingKey::hmac(algorithm, secret)?], 0))
    }

    fn new(keys: Vec<VerifyingKey>, skipped: usize) -> Self {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        let set = Set {
            generation: GENERATIONS.fetch_add(1, Ordering::Relaxed),
            keys: keys.into(),
            skipped,
        };
        Self { set: Arc::new(set) }
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.set.keys.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.keys.is_empty()
    }

    /// The number of keys of the document that were left out.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.set.skipped
    }

    /// Whether one is a clone of the other. Two sets that are read from the same document are two.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.set, &other.set)
    }

    /// Which set of the process this is. No two have the same.
    pub(super) fn generation(&self) -> u64 {
        self.set.generation
    }

    /// The key for a token with this `kid` and `alg`.
    pub(super) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> Candidates<'_> {
        Candidates::among(&self.set.keys, kid, algorithm)
    }
}

#[cfg(fuzzing)]
impl KeySet {
    pub(crate) fn described(&self) -> impl Iterator<Item = (Option<&str>, Vec<&'static str>)> {
        self.set.keys.iter().map(|key| {
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
        let mut keys = self.set.keys.iter();
        keys.position(|own| std::ptr::eq(own, key))
            .expect("a key of this set")
    }
}

/// The key of a set that a token is checked with, if any.
#[derive(Debug)]
pub(super) enum Candidates<'a> {
    /// This key and no other.
    One(&'a VerifyingKey),
    /// The key of that name does not permit the algorithm, or the token has no `kid` and several keys permit
    /// it. A newer set does not help.
    Refused,
    /// There is no such key. A newer set may have it.
    Unknown,
}

impl<'a> Candidates<'a> {
    pub(super) fn among(keys: &'a [VerifyingKey], kid: Option<&str>, algorithm: Algorithm) -> Self {
        let mut named = keys
            .iter()
            .filter(|key| kid.is_some() && key.kid() == kid)
            .peekable();
        if named.peek().is_some() {
            let key = named.find(|key| key.permits(algorithm));
            return key.map_or(Candidates::Refused, Candidates::One);
        }
        if kid.is_some() && keys.iter().any(|key| key.kid().is_some()) {
            return Candidates::Unknown;
        }
        let mut fitting = keys.iter().filter(|key| key.permits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Candidates::One(key),
            (Some(_), Some(_)) => Candidates::Refused,
            (None, _) => Candidates::Unknown,
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("keys", &self.set.keys.len())
            .field("skipped", &self.set.skipped)
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
