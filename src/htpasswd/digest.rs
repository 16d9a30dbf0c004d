use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Identifies a user, a password and a generation of the table, without revealing them.
pub(super) type Digest = [u8; 32];

/// HMAC-SHA256 under a random key for each verifier, so that a digest in memory reveals nothing about a
/// password without the key.
#[derive(Clone)]
pub(super) struct Digester {
    keyed: Hmac<Sha256>,
}

impl Digester {
    pub(super) fn new() -> Self {
        let mut key = Zeroizing::new([0; 64]);
        getrandom::fill(&mut *key).expect("the system has random numbers");
        Self::with_key(&key)
    }

    fn with_key(key: &[u8; 64]) -> Self {
        Self {
            keyed: Hmac::new(key.into()),
        }
    }

    /// Each field is prefixed with its length, so that `ab` and `c` differ from `a` and `bc`.
    pub(super) fn digest(&self, generation: u64, user: &str, password: &str) -> Digest {
        let mut mac = self.keyed.clone();
        mac.update(&generation.to_be_bytes());
        for field in [user, password] {
            mac.update(&field.len().to_be_bytes());
            mac.update(field.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_input_and_its_length_counts() {
        let digester = Digester::with_key(&[1; 64]);
        let rows = [
            (0, "ab", "c"),
            (0, "a", "bc"),
            (0, "abc", ""),
            (0, "", "abc"),
            (0, "AB", "c"),
            (0, "ab", "C"),
            (1, "ab", "c"),
            (1 << 63, "ab", "c"),
        ];
        let digests: HashSet<_> = rows
            .iter()
            .map(|(generation, user, password)| digester.digest(*generation, user, password))
            .collect();
        assert_eq!(digests.len(), rows.len());
        assert_eq!(digester.digest(0, "ab", "c"), digester.digest(0, "ab", "c"));
        let other = Digester::with_key(&[2; 64]);
        assert_ne!(digester.digest(0, "ab", "c"), other.digest(0, "ab", "c"));
    }

    #[test]
    fn no_two_verifiers_have_the_same_key() {
        let digest = |digester: Digester| digester.digest(0, "ab", "c");
        assert_ne!(digest(Digester::new()), digest(Digester::new()));
    }
}
