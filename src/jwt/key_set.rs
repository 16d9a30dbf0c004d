use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::algorithm::{Algorithm, AlgorithmSet};
use super::error::{KeyError, KeyErrorKind as Kind};
use super::key::VerifyingKey;
use super::left_out::LeftOutKey;
use super::{jwk, pem};
use crate::gate::Mismatch;

pub(super) const MAX_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;
/// How many keys are tried for one token. Everybody can send tokens, and each attempt costs as much as a good
/// one.
const MAX_TRIED: usize = 8;

/// Keys that verify the tokens of one issuer. A set never changes, and a clone costs a counter.
///
/// Each key knows the algorithms that it permits, and a token's `alg` is compared with these:
///
/// | key | permits |
/// |---|---|
/// | RSA, 2048 to 8192 bits, odd exponent from 3 to 2^32, without the fingerprint of CVE-2017-15361 | RS256, RS384, RS512, PS256, PS384, PS512 |
/// | EC on P-256, P-384, P-521 | ES256, ES384, ES512 |
/// | OKP on Ed25519, not of small order | `EdDSA`, which is `Ed25519` as well (RFC 9864) |
/// | a secret, by [`from_hmac_secret`](Self::from_hmac_secret) alone | the algorithm that it is given for |
///
/// A key of a JSON Web Key Set that has an `alg` permits that algorithm alone. A point must be on its curve,
/// and a signature must have exactly the length of RFC 7518.
///
/// # Which keys a token is checked with
///
/// 1. A token with a `kid` is checked with the key of exactly that name, or refused.
/// 2. If no key of the set has a name, the `kid` is ignored.
/// 3. A token without a `kid`, or with one that is ignored, is checked with each key that permits its
///    algorithm, in their order. If there are more than 8, it is refused, since any sender of tokens could make
///    the gateway work that much.
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
/// assert_eq!(keys.len(), 1);
/// let left_out: Vec<_> = keys.left_out().iter().map(ToString::to_string).collect();
/// assert_eq!(
///     left_out,
///     ["a key without kid is left out: kty is oct: a secret that is published is not secret"]
/// );
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
    left_out: Box<[LeftOutKey]>,
}

impl KeySet {
    /// Reads the public keys of a JSON Web Key Set (RFC 7517 section 5).
    ///
    /// One bad key must not lock out the users of another, so these are left out and
    /// [reported](Self::left_out):
    ///
    /// 1. a key of a type, curve or algorithm that is not supported: Ed448, X25519, secp256k1, `AKP`,
    ///    an encryption key;
    /// 2. a secret (`oct`), and a key with a private member (such as `d`), with which any reader of the
    ///    document could sign;
    /// 3. a key whose `use` is not `sig`, whose `key_ops` lack `verify`, or whose `alg` does not fit its type
    ///    and curve;
    /// 4. a key that is not valid, or is out of the bounds above; a member of the wrong type or given twice,
    ///    base64url that is not canonical, a `kid` longer than 256 bytes;
    /// 5. a key with the same `kid` as one before it, if both permit some algorithm;
    /// 6. an entry that is not an object.
    ///
    /// A member that is `null` counts as absent, and zeros before an RSA modulus or exponent have no effect.
    /// Certificates (`x5c`, `x5u`, `x5t`) are neither looked at nor fetched. A set in which no key is
    /// left [is empty](Self::is_empty), which is not an error.
    ///
    /// # Errors
    ///
    /// Returns [`KeyError`] if the document is not a JSON object with one array named `keys`, is longer than
    /// 256 KiB, or has more than 100 keys.
    pub fn from_jwks(document: &[u8]) -> Result<Self, KeyError> {
        require_short(document)?;
        let entries = jwk::parse(document)?;
        require_few(entries.len())?;
        let mut keys: Vec<VerifyingKey> = Vec::new();
        let mut left_out = Vec::new();
        for entry in &entries {
            let key = entry.verifying_key().and_then(|key| {
                let is_taken = key.kid().is_some()
                    && keys.iter().any(|other| {
                        other.kid() == key.kid() && other.algorithms().overlaps(key.algorithms())
                    });
                let problem = "a key before it has the same kid and permits the same algorithm";
                let taken = || KeyError::new(Kind::Unsupported, problem);
                if is_taken { Err(taken()) } else { Ok(key) }
            });
            match key {
                Ok(key) => keys.push(key),
                Err(reason) => left_out.push(LeftOutKey::new(entry.kid(), reason)),
            }
        }
        Ok(Self::new(keys, left_out))
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
    /// private key; if there is no block; if the file is longer than 256 KiB; and if more than 8 keys permit
    /// one algorithm, since a token does not say which of them it is for.
    pub fn from_pem(file: &[u8]) -> Result<Self, KeyError> {
        require_short(file)?;
        let keys = pem::parse(file)?;
        let crowded = Algorithm::ALL.into_iter().find(|algorithm| {
            keys.iter().filter(|key| key.permits(*algorithm)).count() > MAX_TRIED
        });
        if let Some(algorithm) = crowded {
            let problem = format!("more than 8 keys are for {algorithm}, and none has a name");
            return Err(KeyError::new(Kind::TooManyKeys, problem));
        }
        Ok(Self::new(keys, Vec::new()))
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
        let key = VerifyingKey::hmac(algorithm, secret)?;
        Ok(Self::new(vec![key], Vec::new()))
    }

    fn new(keys: Vec<VerifyingKey>, left_out: Vec<LeftOutKey>) -> Self {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        let set = Set {
            generation: GENERATIONS.fetch_add(1, Ordering::Relaxed),
            keys: keys.into(),
            left_out: left_out.into(),
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

    /// The keys of the document that were left out, in their order.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOutKey] {
        &self.set.left_out
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

    /// The keys for a token with this `kid` and `alg`, at least one.
    pub(super) fn candidates<'a>(
        &'a self,
        kid: Option<&'a str>,
        algorithm: Algorithm,
    ) -> Result<impl Iterator<Item = &'a VerifyingKey>, NoKey> {
        let keys = &self.set.keys;
        let name = kid.filter(|_| keys.iter().any(|key| key.kid().is_some()));
        let is_meant = move |key: &&VerifyingKey| name.is_none() || key.kid() == name;
        let is_fitting = move |key: &&VerifyingKey| is_meant(key) && key.permits(algorithm);
        let fitting = keys.iter().filter(is_fitting);
        // At most one key of a name is left, so that names are never too many.
        match fitting.clone().take(MAX_TRIED + 1).count() {
            0 => Err(self.lacks(name, algorithm)),
            1..=MAX_TRIED => Ok(fitting),
            _ => {
                let mismatch = Mismatch::new("the token's kid", kid);
                let problem = "one, since more than 8 keys are for its alg";
                Err(NoKey::Refused(mismatch.with_expected([problem])))
            }
        }
    }

    /// Why no key fits: by `name`, if names count.
    fn lacks(&self, name: Option<&str>, algorithm: Algorithm) -> NoKey {
        let keys = &self.set.keys;
        let alg = Mismatch::new("the token's alg", Some(algorithm.name()));
        if keys.is_empty() {
            return NoKey::Unknown(alg.with_expected(["that of a key, and there are no keys"]));
        }
        let Some(name) = name else {
            let permitted = Algorithm::ALL.into_iter();
            let permitted = permitted.filter(|one| keys.iter().any(|key| key.permits(*one)));
            return NoKey::Unknown(alg.with_expected(permitted.map(Algorithm::name)));
        };
        let mut permitted = AlgorithmSet::of(&[]);
        for key in keys.iter().filter(|key| key.kid() == Some(name)) {
            permitted = permitted.union(key.algorithms());
        }
        if permitted.is_empty() {
            let kid = Mismatch::new("the token's kid", Some(name));
            let names = keys.iter().filter_map(VerifyingKey::kid);
            return NoKey::Unknown(kid.with_expected(names));
        }
        NoKey::Refused(alg.with_expected(permitted.iter().map(Algorithm::name)))
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

    pub(crate) fn places_for(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<usize>, bool> {
        match self.candidates(kid, algorithm) {
            Ok(keys) => Ok(keys.map(|key| self.place_of(key)).collect()),
            Err(NoKey::Refused(_)) => Err(false),
            Err(NoKey::Unknown(_)) => Err(true),
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

/// Why a token is checked with no key of a set.
#[derive(Debug)]
pub(super) enum NoKey {
    /// The key of that name does not permit the algorithm, or too many keys do. A newer set does not help.
    Refused(Mismatch),
    /// There is no such key. A newer set may have it.
    Unknown(Mismatch),
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("keys", &self.set.keys.len())
            .field("left_out", &self.set.left_out.len())
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
