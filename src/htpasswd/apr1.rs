use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use super::crypt64;
use super::error::Fault;

const MAGIC: &str = "$apr1$";

/// Apache's variant of MD5 crypt, which differs from `$1$` only in the magic: `$apr1$salt$digest`.
/// The reference is `apr_md5_encode` of Apache's `apr-util`.
#[derive(Clone)]
pub(super) struct Apr1 {
    pub(super) salt: Box<str>,
    digest: [u8; 16],
}

impl Apr1 {
    pub(super) fn parse(after_magic: &str) -> Result<Self, Fault> {
        Self::split(after_magic).ok_or(Fault::malformed("the $apr1$ hash is malformed"))
    }

    fn split(text: &str) -> Option<Self> {
        let (salt, digest) = text.split_once('$')?;
        crypt64::is_salt(salt, 8).then_some(())?;
        Some(Self {
            salt: salt.into(),
            digest: crypt64::decode(digest, &crypt64::MD5_ORDER)?,
        })
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        apr1(password, self.salt.as_bytes())
            .ct_eq(&self.digest)
            .into()
    }
}

fn apr1(password: &[u8], salt: &[u8]) -> [u8; 16] {
    let inner: [u8; 16] = Md5::new()
        .chain_update(password)
        .chain_update(salt)
        .chain_update(password)
        .finalize()
        .into();
    let mut outer = Md5::new()
        .chain_update(password)
        .chain_update(MAGIC)
        .chain_update(salt);
    for chunk in password.chunks(inner.len()) {
        outer.update(&inner[..chunk.len()]);
    }
    // For each bit of the length a zero or the first byte of the password. The reference uses the digest
    // instead of the zero, but wipes it first.
    let mut length = password.len();
    while length != 0 {
        outer.update([if length & 1 == 1 { 0 } else { password[0] }]);
        length >>= 1;
    }
    let mut digest: [u8; 16] = outer.finalize().into();
    for round in 0..1000 {
        let (first, last) = if round % 2 == 1 {
            (password, &digest[..])
        } else {
            (&digest[..], password)
        };
        let mut hash = Md5::new().chain_update(first);
        if round % 3 != 0 {
            hash.update(salt);
        }
        if round % 7 != 0 {
            hash.update(password);
        }
        digest = hash.chain_update(last).finalize().into();
    }
    digest
}
