use super::base64url;
use super::claims::ClaimSet;
use super::header::Header;
use super::key_set::{KeySet, NoKey};
use crate::gate::{Mismatch, RefusalDetail};

/// The longest token that is parsed, in bytes.
const MAX_LEN: usize = 16 * 1024;

/// The parts of a signed token, each still in base64url.
#[derive(Debug)]
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// The first two with the dot between, which the signature is made over.
    pub(super) signing_input: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token in compact form (RFC 7515 section 7.1): three parts that are not empty, of
    /// base64url characters. `None` for text of another form.
    pub(super) fn parse(token: &'a str) -> Result<Option<Self>, Mismatch> {
        // Two loops without an early exit, so that they are vectorized.
        let dots = token.bytes().filter(|&byte| byte == b'.').count();
        if !token.bytes().fold(true, |all, byte| all & is_ours(byte)) {
            return Ok(None);
        }
        match (dots, Self::split(token)) {
            (2, Some(_)) if token.len() > MAX_LEN => {
                let given = token.len().to_string();
                let mismatch = Mismatch::new("the token's length in bytes", Some(&given));
                Err(mismatch.with_expected([format!("at most {MAX_LEN}")]))
            }
            (2, compact) => Ok(compact),
            // Some of these parts may be empty (RFC 7516 section 7.1).
            (4, _) => {
                let mismatch = Mismatch::new("the token", Some("an encrypted one, of five parts"));
                Err(mismatch.with_expected(["a signed one, of three"]))
            }
            _ => Ok(None),
        }
    }

    /// The parts around the first and the last dot, unless one is empty.
    fn split(token: &'a str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let compact = Self {
            header,
            payload,
            signature,
            signing_input,
        };
        let is_whole = ![header, payload, signature].contains(&"");
        is_whole.then_some(compact)
    }
}

/// The decoded parts of a token, none of which is trusted yet.
pub(super) struct Decoded {
    pub(super) header: Header,
    pub(super) claims: ClaimSet,
    signature: Vec<u8>,
}

/// Why a set of keys does not verify a signature.
pub(super) enum Unverified {
    Bad(RefusalDetail),
    /// It may be good, by a key that is not in the set.
    LacksKey(Mismatch),
}

impl Decoded {
    pub(super) fn of(token: &Compact<'_>) -> Result<Self, RefusalDetail> {
        let part = |part| base64url::decode(part).ok_or("a part is not strict base64url");
        let header = Header::parse(&part(token.header)?)?;
        let claims = ClaimSet::parse(&part(token.payload)?);
        let claims = claims.ok_or("the payload is not a strict JSON object")?;
        let signature = part(token.signature)?;
        Ok(Self {
            header,
            claims,
            signature,
        })
    }

    /// Verifies the signature of `token`, from which this was decoded, by these keys.
    pub(super) fn verify(&self, token: &Compact<'_>, keys: &KeySet) -> Result<(), Unverified> {
        let Header { kid, algorithm, .. } = &self.header;
        let mut candidates = match keys.candidates(kid.as_deref(), *algorithm) {
            Ok(candidates) => candidates,
            Err(NoKey::Refused(mismatch)) => return Err(Unverified::Bad(mismatch.into())),
            Err(NoKey::Unknown(mismatch)) => return Err(Unverified::LacksKey(mismatch)),
        };
        let signed = token.signing_input.as_bytes();
        if candidates.any(|key| key.verifies(*algorithm, signed, &self.signature)) {
            Ok(())
        } else {
            Err(Unverified::Bad("the signature is wrong".into()))
        }
    }
}

/// Whether it is a base64url character or a dot.
fn is_ours(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_')
}
