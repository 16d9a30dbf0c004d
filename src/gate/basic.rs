use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use zeroize::Zeroize;

use super::authorization::{Presented, authorization};
use super::refusal::Refusal;

/// Credentials up to this many bytes are decoded without an allocation.
const INLINE: usize = 192;

/// A user name and a password from `Authorization: Basic` (RFC 7617), wiped when dropped.
///
/// 1. The scheme is compared without case; one or more spaces follow it.
/// 2. The rest is base64 of the standard alphabet, padded, without stray bits (RFC 4648 section 4).
/// 3. The first colon ends the user name, which may be empty; the password may have more colons.
/// 4. Both are UTF-8 (the `charset` of section 2.1) without control characters.
///
/// Anything else with this scheme is refused like a wrong password, and two `Authorization` fields with
/// 400.
pub struct BasicCredentials {
    decoded: Decoded,
    colon: usize,
}

enum Decoded {
    Inline { bytes: [u8; INLINE], len: usize },
    Heap(Vec<u8>),
}

impl Decoded {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { bytes, len } => &bytes[..*len],
            Self::Heap(bytes) => bytes,
        }
    }
}

impl Drop for Decoded {
    fn drop(&mut self) {
        match self {
            // Only the bytes in use: wiping all takes as long as the rest of a decision.
            Self::Inline { bytes, len } => bytes[..*len].zeroize(),
            Self::Heap(bytes) => bytes.zeroize(),
        }
    }
}

impl BasicCredentials {
    /// Reads the credentials of a request.
    #[must_use]
    pub fn from_head(head: &Parts) -> Presented<Self> {
        match authorization(head, "Basic") {
            Presented::Absent => Presented::Absent,
            Presented::Refused(refusal) => Presented::Refused(refusal),
            Presented::Given(encoded) => match Self::decode(encoded) {
                Some(credentials) => Presented::Given(credentials),
                None => Presented::Refused(Refusal::invalid("malformed Basic credentials")),
            },
        }
    }

    pub(crate) fn decode(encoded: &[u8]) -> Option<Self> {
        let decoded = if base64::decoded_len_estimate(encoded.len()) <= INLINE {
            let mut bytes = [0; INLINE];
            let len = STANDARD.decode_slice(encoded, &mut bytes).ok()?;
            Decoded::Inline { bytes, len }
        } else {
            Decoded::Heap(STANDARD.decode(encoded).ok()?)
        };
        let text = std::str::from_utf8(decoded.as_bytes()).ok()?;
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        // The first one, since a password may have colons and a user name may not (RFC 7617 section 2).
        let colon = text.find(':')?;
        Some(Self { decoded, colon })
    }

    /// The user name.
    #[must_use]
    pub fn user(&self) -> &str {
        self.text().get(..self.colon).unwrap_or_default()
    }

    /// The password.
    #[must_use]
    pub fn password(&self) -> &str {
        self.text().get(self.colon + 1..).unwrap_or_default()
    }

    /// The user name and the password.
    #[cfg(feature = "basic-auth")]
    pub(crate) fn both(&self) -> (&str, &str) {
        let text = self.text();
        let both = text.get(..self.colon).zip(text.get(self.colon + 1..));
        both.unwrap_or_default()
    }

    fn text(&self) -> &str {
        // `decode` has checked the bytes, so the fallback is never taken.
        std::str::from_utf8(self.decoded.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BasicCredentials(..)")
    }
}
