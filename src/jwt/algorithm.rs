use std::fmt;
use std::str::FromStr;

use crate::error::ConfigError;

/// A signature algorithm of RFC 7518 or RFC 8037.
///
/// There is no `none`, and a token's `alg` chooses nothing: it is compared with the algorithms of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// `EdDSA` with the curve Ed25519, which RFC 9864 names `Ed25519`.
    EdDsa,
}

impl Algorithm {
    pub(super) const ALL: [Self; 13] = [
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Its name in the header of a token, such as `RS256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of an `alg`, which is case-sensitive. `Ed25519` is the same as `EdDSA`, since no
    /// other curve is supported.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a name as [`name`](Algorithm::name) gives it.
impl FromStr for Algorithm {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, ConfigError> {
        Self::from_name(name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            ConfigError::new("algorithm", format!("{name:?} is not one of: {names}"))
        })
    }
}

/// Some of the algorithms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct AlgorithmSet(u16);

impl AlgorithmSet {
    pub(super) const RSA: Self = Self::of(&[
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
    ]);

    pub(super) const fn of(algorithms: &[Algorithm]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < algorithms.len() {
            bits |= 1 << algorithms[i] as u16;
            i += 1;
        }
        Self(bits)
    }

    pub(super) fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & Self::of(&[algorithm]).0 != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Algorithm> {
        let all = Algorithm::ALL.into_iter();
        all.filter(move |one| self.contains(*one))
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl fmt::Debug for AlgorithmSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_case_sensitive() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
            assert_eq!(algorithm.to_string(), algorithm.name());
        }
        assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::EdDsa));
        for name in [
            "",
            "none",
            "None",
            "NONE",
            "nOnE",
            "rs256",
            "Rs256",
            "RS256 ",
            " RS256",
            "RS256\0",
            "RS1",
            "HS1",
            "ES256K",
            "Ed448",
            "ed25519",
            "EDDSA",
            "ML-DSA-44",
            "RSA-OAEP",
            "A128KW",
            "dir",
        ] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_set_has_its_members_and_no_other() {
        for one in Algorithm::ALL {
            for other in Algorithm::ALL {
                let (set, single) = (AlgorithmSet::of(&[one]), AlgorithmSet::of(&[other]));
                assert_eq!(set.contains(other), one == other, "{one} {other}");
                assert_eq!(set.overlaps(single), one == other, "{one} {other}");
            }
        }
        assert!(AlgorithmSet::RSA.overlaps(AlgorithmSet::of(&[Algorithm::Ps256])));
        assert!(!AlgorithmSet::RSA.contains(Algorithm::Hs256));
        let set = AlgorithmSet::of(&[Algorithm::Es256, Algorithm::Hs256]);
        assert_eq!(format!("{set:?}"), "{Hs256, Es256}");
    }
}
