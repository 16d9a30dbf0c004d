use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// What a sealed value begins with. Another construction gets another number.
const VERSION: u8 = 1;

/// Seals values for one purpose, and opens what was sealed so.
///
/// A sealed value is `version || nonce || ciphertext || tag` in base64url, by AES-256-GCM-SIV with a
/// random nonce of 96 bits. Should a nonce come twice, of which there is a chance of 2^-33 after 2^32
/// values, then it shows whether the two are the same, and no more (RFC 8452 section 1); with GCM it
/// would give away the key of the tags. So there is no need to count what is sealed with one secret.
#[derive(Clone)]
pub(crate) struct Sealer {
    /// The first seals. There is at least one.
    keys: Arc<[LessSafeKey]>,
}

impl Sealer {
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a [u8]>, purpose: &str) -> Self {
        Self {
            keys: secrets.map(|secret| key(secret, purpose)).collect(),
        }
    }

    /// `bound_to` is not within: to open, one has to know it.
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

    /// What was sealed by one of the keys, bound to the same. `None` for anything else.
    pub(crate) fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (&version, rest) = sealed.split_first()?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
        if version != VERSION {
            return None;
        }
        self.keys.iter().find_map(|key| {
            // A key that fails leaves nothing that another could open.
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

/// HKDF (RFC 5869) with SHA-256, no salt, and the purpose as what the key is for.
fn key(secret: &[u8], purpose: &str) -> LessSafeKey {
    let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret);
    let info = [b"portcullis ", purpose.as_bytes()];
    let expanded = extracted.expand(&info, &AES_256_GCM_SIV);
    let expanded = expanded.expect("HKDF gives far longer keys");
    LessSafeKey::new(UnboundKey::from(expanded))
}

/// Random numbers of the system.
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
