use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Decodes the base64url of RFC 7515 section 2. Each value has one spelling: no padding, no white
/// space, no bits left over.
pub(super) fn decode(encoded: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(encoded).ok()
}
