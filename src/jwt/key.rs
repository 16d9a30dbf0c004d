use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ParsedPublicKey,
};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm as Known, DecodingKey};

use super::algorithm::{Algorithm, AlgorithmSet};
use super::ed25519::has_small_order;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::roca;

/// A key, its name, and what it may be used for.
pub(super) struct VerifyingKey {
    kid: Option<Box<str>>,
    algorithms: AlgorithmSet,
    material: Material,
    /// In bytes.
    signature_len: usize,
}

enum Material {
    /// For `jsonwebtoken`.
    Common(DecodingKey),
    /// On P-521, which `jsonwebtoken` does not know.
    P521(ParsedPublicKey),
}

/// The curves of ECDSA.
#[derive(Clone, Copy)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The bytes of a coordinate, and of each half of a signature.
    pub(super) fn len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl VerifyingKey {
    /// A modulus and an exponent. Leading zeros have no effect: Java writes one to keep a number from looking
    /// negative, and with it the key sets of Jenkins and Firebase App Check.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (without_zeros(n), without_zeros(e));
        let (Some(&first), Some(&last)) = (n.first(), n.last()) else {
            return Err(KeyError::new(Kind::Unsupported, "the RSA modulus is empty"));
        };
        let bits = n.len().saturating_mul(8) - first.leading_zeros() as usize;
        if !(2048..=8192).contains(&bits) {
            let problem =
                format!("an RSA key must have 2048 to 8192 bits, and this one has {bits}");
            return Err(KeyError::new(Kind::Size, problem));
        }
        // A longer exponent makes a signature as expensive to verify as to make.
        let exponent = (e.len() <= 4)
            .then(|| e.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
            .filter(|exponent| *exponent >= 3 && exponent % 2 == 1);
        if exponent.is_none() || last % 2 == 0 {
            let problem = "an RSA key must have an odd modulus and an odd exponent from 3 to 2^32";
            return Err(KeyError::new(Kind::Unsupported, problem));
        }
        if roca::is_fingerprint(n) {
            let problem = "the RSA key is weak: it is of a chip whose private keys can be computed from the public \
                           ones (ROCA, CVE-2017-15361)";
            return Err(KeyError::new(Kind::Weak, problem));
        }
        Ok(Self {
            kid: None,
            algorithms: AlgorithmSet::RSA,
            material: Material::Common(DecodingKey::from_rsa_raw_components(n, e)),
            signature_len: n.len(),
        })
    }

    /// The two coordinates of a point, each as long as the curve asks for.
    pub(super) fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        let problem = "a coordinate does not have the length of its curve";
        if x.len() != curve.len() || y.len() != curve.len() {
            return Err(KeyError::new(Kind::Unsupported, problem));
        }
        let point = [&[0x04], x, y].concat();
        let (algorithm, parsed) = match curve {
            Curve::P256 => (
                Algorithm::Es256,
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point),
            ),
            Curve::P384 => (
                Algorithm::Es384,
                ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &point),
            ),
            Curve::P521 => (
                Algorithm::Es512,
                ParsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, &point),
            ),
        };
        let problem = "the point is not on its curve";
        let parsed = parsed.map_err(|_| KeyError::new(Kind::Unsupported, problem))?;
        Ok(Self {
            kid: None,
            algorithms: AlgorithmSet::of(&[algorithm]),
            material: match curve {
                Curve::P521 => Material::P521(parsed),
                Curve::P256 | Curve::P384 => Material::Common(DecodingKey::from_ec_der(&point)),
            },
            signature_len: 2 * curve.len(),
        })
    }

    pub(super) fn ed25519(x: &[u8]) -> Result<Self, KeyError> {
        let problem = "an Ed25519 key must have 32 bytes";
        let point: Result<&[u8; 32], _> = x.try_into();
        if has_small_order(point.map_err(|_| KeyError::new(Kind::Unsupported, problem))?) {
            let problem = "an Ed25519 key must not be of small order";
            return Err(KeyError::new(Kind::Unsupported, problem));
        }
        Ok(Self {
            kid: None,
            algorithms: AlgorithmSet::of(&[Algorithm::EdDsa]),
            material: Material::Common(DecodingKey::from_ed_der(x)),
            signature_len: 64,
        })
    }

    /// A secret of at least the length of the hash: RFC 7518 section 3.2.
    pub(super) fn hmac(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let len = match algorithm {
            Algorithm::Hs256 => 32,
            Algorithm::Hs384 => 48,
            Algorithm::Hs512 => 64,
            _ => {
                let problem = "a secret is for HS256, HS384 and HS512 alone";
                return Err(KeyError::new(Kind::Unsupported, problem));
            }
        };
        if secret.len() < len {
            let problem = "a secret must be at least as long as the hash: 32, 48 or 64 bytes";
            return Err(KeyError::new(Kind::Size, problem));
        }
        Ok(Self {
            kid: None,
            algorithms: AlgorithmSet::of(&[algorithm]),
            material: Material::Common(DecodingKey::from_secret(secret)),
            signature_len: len,
        })
    }

    /// Gives the key a name.
    pub(super) fn with_kid(self, kid: &str) -> Self {
        Self {
            kid: Some(kid.into()),
            ..self
        }
    }

    /// Permits this algorithm only. `None` if the key does not permit it.
    pub(super) fn with_algorithm(self, algorithm: Algorithm) -> Option<Self> {
        self.permits(algorithm).then(|| Self {
            algorithms: AlgorithmSet::of(&[algorithm]),
            ..self
        })
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn algorithms(&self) -> AlgorithmSet {
        self.algorithms
    }

    pub(super) fn permits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(algorithm)
    }

    /// Whether this key has made the signature, by an algorithm that it permits.
    pub(super) fn verifies(
        &self,
        algorithm: Algorithm,
        signing_input: &[u8],
        signature: &[u8],
    ) -> bool {
        // The libraries want these lengths as well: here, whatever is sent costs no more than to look.
        if !self.permits(algorithm) || signature.len() != self.signature_len {
            return false;
        }
        match &self.material {
            Material::P521(key) => key.verify_sig(signing_input, signature).is_ok(),
            Material::Common(key) => known(algorithm).is_some_and(|algorithm| {
                // Called by name, since the library's own way looks for a provider of the process.
                let verifier = (DEFAULT_PROVIDER.verifier_factory)(&algorithm, key);
                verifier.is_ok_and(|it| it.verify(signing_input, &signature.to_vec()).is_ok())
            }),
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}

/// The library's name for an algorithm.
fn known(algorithm: Algorithm) -> Option<Known> {
    Some(match algorithm {
        Algorithm::Hs256 => Known::HS256,
        Algorithm::Hs384 => Known::HS384,
        Algorithm::Hs512 => Known::HS512,
        Algorithm::Rs256 => Known::RS256,
        Algorithm::Rs384 => Known::RS384,
        Algorithm::Rs512 => Known::RS512,
        Algorithm::Ps256 => Known::PS256,
        Algorithm::Ps384 => Known::PS384,
        Algorithm::Ps512 => Known::PS512,
        Algorithm::Es256 => Known::ES256,
        Algorithm::Es384 => Known::ES384,
        Algorithm::Es512 => return None,
        Algorithm::EdDsa => Known::EdDSA,
    })
}

#[cfg(test)]
mod tests;
