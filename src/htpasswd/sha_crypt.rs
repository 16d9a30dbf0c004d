use sha_crypt::{Params, sha256_crypt, sha512_crypt};
use subtle::ConstantTimeEq;

use super::crypt64;
use super::error::Fault;

/// About 0.3 s on a machine of 2024; passlib's default is 656,000.
const MAX_ROUNDS: u32 = 1_000_000;

/// SHA-256 crypt and SHA-512 crypt: `$5$rounds=N$salt$digest` and `$6$…`.
/// The reference is Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512", 0.6.
#[derive(Clone)]
pub(super) struct ShaCrypt {
    params: Params,
    pub(super) rounds: u32,
    pub(super) salt: Box<str>,
    digest: Digest,
}

#[derive(Clone)]
enum Digest {
    Sha256([u8; 32]),
    Sha512([u8; 64]),
}

impl ShaCrypt {
    pub(super) fn parse_sha256(after_magic: &str) -> Result<Self, Fault> {
        Self::parse(after_magic, |text| {
            crypt64::decode(text, &crypt64::SHA256_ORDER).map(Digest::Sha256)
        })
    }

    pub(super) fn parse_sha512(after_magic: &str) -> Result<Self, Fault> {
        Self::parse(after_magic, |text| {
            crypt64::decode(text, &crypt64::SHA512_ORDER).map(Digest::Sha512)
        })
    }

    fn parse(text: &str, decode: impl Fn(&str) -> Option<Digest>) -> Result<Self, Fault> {
        let malformed = Fault::malformed("the $5$ or $6$ hash is malformed");
        let (rounds, text) = match text.strip_prefix("rounds=") {
            Some(text) => {
                let (rounds, text) = text.split_once('$').ok_or(malformed)?;
                (decimal(rounds).ok_or(malformed)?, text)
            }
            None => (Params::RECOMMENDED_ROUNDS, text),
        };
        let (salt, digest) = text.split_once('$').ok_or(malformed)?;
        if !crypt64::is_salt(salt, 16) {
            return Err(malformed);
        }
        let digest = decode(digest).ok_or(malformed)?;
        // `Params` checks the minimum. No tool writes fewer rounds, since they round up.
        match Params::new(rounds) {
            Ok(params) if rounds <= MAX_ROUNDS => Ok(Self {
                params,
                rounds,
                salt: salt.into(),
                digest,
            }),
            _ => Err(Fault::cost("the rounds are below 1000 or above 1000000")),
        }
    }

    pub(super) fn is_sha512(&self) -> bool {
        matches!(self.digest, Digest::Sha512(_))
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let salt = self.salt.as_bytes();
        match &self.digest {
            Digest::Sha256(digest) => sha256_crypt(password, salt, self.params).ct_eq(digest),
            Digest::Sha512(digest) => sha512_crypt(password, salt, self.params).ct_eq(digest),
        }
        .into()
    }
}

/// Parses a decimal number without a sign and without leading zeros.
pub(super) fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    (plain && !text.starts_with('0')).then(|| text.parse().ok())?
}
