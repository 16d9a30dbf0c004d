use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::error::Fault;

/// In bytes.
const LONGEST_SALT: usize = 64;

/// One round of SHA-1 over the password and then the salt, which three schemes encode differently.
#[derive(Clone)]
pub(super) struct SaltedSha1 {
    digest: [u8; 20],
    pub(super) salt: Box<[u8]>,
}

impl SaltedSha1 {
    /// `{SHA}` and base64 of the digest, as Apache writes it.
    pub(super) fn parse_sha(encoded: &str) -> Result<Self, Fault> {
        Self::decode(encoded)
            .filter(|hash| hash.salt.is_empty())
            .ok_or(Fault::malformed("the {SHA} hash is malformed"))
    }

    /// `{SSHA}` and base64 of the digest and the salt, as LDAP servers write it.
    pub(super) fn parse_ssha(encoded: &str) -> Result<Self, Fault> {
        Self::decode(encoded)
            .filter(|hash| (1..=LONGEST_SALT).contains(&hash.salt.len()))
            .ok_or(Fault::malformed("the {SSHA} hash is malformed"))
    }

    fn decode(encoded: &str) -> Option<Self> {
        let bytes = STANDARD.decode(encoded).ok()?;
        let (digest, salt) = bytes.split_first_chunk()?;
        Some(Self {
            digest: *digest,
            salt: salt.into(),
        })
    }

    /// `{S3PYPI}` and the JSON that s3pypi's `put_user.py` keeps in the parameter store.
    pub(super) fn parse_s3pypi(json: &str) -> Result<Self, Fault> {
        Self::from_record(json).ok_or(Fault::malformed("the {S3PYPI} record is malformed"))
    }

    fn from_record(json: &str) -> Option<Self> {
        let record: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
        let salt = record.get("password_salt")?.as_str()?;
        let digest = from_hex(record.get("password_hash")?.as_str()?)?;
        let is_whole = record.len() == 2 && (1..=LONGEST_SALT).contains(&salt.len());
        is_whole.then(|| Self {
            digest,
            salt: salt.as_bytes().into(),
        })
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let hash = Sha1::new().chain_update(password).chain_update(&self.salt);
        hash.finalize().as_slice().ct_eq(&self.digest).into()
    }
}

fn from_hex(text: &str) -> Option<[u8; 20]> {
    let mut digits = text.chars().map(|digit| digit.to_digit(16));
    let mut bytes = [0; 20];
    for byte in &mut bytes {
        *byte = u8::try_from(digits.next()?? << 4 | digits.next()??).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}
