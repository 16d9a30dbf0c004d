use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// The first byte of a sealed value. Another construction gets another number.
const VERSION: u8 = 1;

/// Seals values for one purpose, and opens them.
///
/// A sealed value is `version || nonce || ciphertext || tag` in base64url, by AES-256-GCM-SIV with a
/// random 96-bit nonce. A nonce repeats with a probability of 2^-33 after 2^32 values; that would only
/// reveal whether the two values are equal (RFC 8452 section 1), while with GCM it would reveal the
/// authentication key. So the values sealed with one secret need not be counted.
#[derive(Clone)]
pub(crate) struct Sealer {
    /// The first key seals. There is at least one.
    keys: Arc<[LessSafeKey]>,
}

impl Sealer {
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a [u8]>, purpose: &str) -> Self {
        Self {
            keys: secrets.map(|secret| key(secret, purpose)).collect(),
        }
    }

    /// Seals a value. `bound_to` is not part of it, but needed to open it.
    pub(crate) fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String {
        self.seal_with(random(), plain, bound_to)
    }

    fn seal_with(&self, nonce: [u8; NONCE_LEN], plain: &[u8], bound_to: &[u8]) -> String {
        let mut body = plain.to_vec();
        self.keys[0]
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to),
                &mut body,
            )
            .expect("it is shorter than 64 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(VERSION);
        sealed.extend(nonce);
        sealed.extend(body);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens a value that was sealed with one of the keys and bound to the same bytes. `None` for
    /// anything else.
    pub(crate) fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (&version, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
        if version != VERSION {
            return None;
        }
        self.keys.iter().find_map(|key| {
            // A failed attempt overwrites the buffer, so each key gets a copy.
            let mut plain = Zeroizing::new(body.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = key
                .open_in_place(nonce, Aad::from(bound_to), &mut plain)
                .ok()?
                .len();
            plain.truncate(length);
            Some(plain)
        })
    }
}

/// HKDF (RFC 5869) with SHA-256, no salt, and the purpose as info.
fn key(secret: &[u8], purpose: &str) -> LessSafeKey {
    let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret);
    let info = [b"portcullis ", purpose.as_bytes()];
    let expanded = extracted.expand(&info, &AES_256_GCM_SIV);
    let expanded = expanded.expect("HKDF gives far longer keys");
    LessSafeKey::new(UnboundKey::from(expanded))
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
