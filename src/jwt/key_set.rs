use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::algorithm::Algorithm;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::key::VerifyingKey;
use super::{jwk, pem};

const MAX_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

/// Keys that verify the tokens of one issuer. It never changes.
pub struct KeySet {
    generation: u64,
    keys: Box<[VerifyingKey]>,
    skipped: usize,
}

/// What a set has for a token.
#[derive(Debug)]
pub(super) enum Candidates<'a> {
    /// This key and no other.
    One(&'a VerifyingKey),
    /// There is a key of that name, which does not permit the algorithm; or the token has no name, and
    /// several keys permit it. A newer set is no help.
    Refused,
    /// There is no such key. A newer set may have it.
    Unknown,
}

impl KeySet {
    /// Takes the asymmetric keys of a JSON Web Key Set (RFC 7517 section 5).
    ///
    /// # Errors
    ///
    /// [`KeyError`] where it is no such set, is longer than 256 KiB, or has more than 100 keys.
    pub fn from_jwks(document: &[u8]) -> Result<Self, KeyError> {
        require_short(document)?;
        let entries = jwk::parse_set(document)?;
        require_few(entries.len())?;
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for key in entries.iter().filter_map(jwk::Jwk::verifying_key) {
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

    /// Takes the public keys of a PEM file: each block a `PUBLIC KEY` or an `RSA PUBLIC KEY`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where any block is something else or is not valid, where there is none, where the
    /// file is longer than 256 KiB, or has more than 100 keys.
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
            return Err(KeyError::new(Kind::NotAPublicKey, problem));
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
        let mut named = self
            .keys
            .iter()
            .filter(|key| kid.is_some() && key.kid() == kid)
            .peekable();
        if named.peek().is_some() {
            let key = named.find(|key| key.permits(algorithm));
            return key.map_or(Candidates::Refused, Candidates::One);
        }
        if kid.is_some() && self.keys.iter().any(|key| key.kid().is_some()) {
            return Candidates::Unknown;
        }
        let mut fitting = self.keys.iter().filter(|key| key.permits(algorithm));
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
