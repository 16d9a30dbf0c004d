use std::fmt;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::login_id::LoginId;
use crate::session::random;

/// The first half of a MAC. 128 bits are enough for a nonce (RFC 9700 section 2.1.2) and for a proof.
type Half = [u8; 16];

/// The random secret of a browser that signs in, from its login cookie.
///
/// Whatever a sign-in needs from its browser is a MAC of the sign-in's id under this secret, so that the
/// browser keeps one cookie for any number of sign-ins. The id is sealed in `state`: whoever reads the
/// cookie, or has planted it, still does not know the verifier.
pub(super) struct BrowserSecret(Zeroizing<[u8; 32]>);

impl BrowserSecret {
    pub(super) fn new() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// Reads the value of a login cookie.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(value, &mut *secret).ok()?;
        (length == 32).then_some(Self(secret))
    }

    /// The value of a login cookie.
    pub(super) fn cookie_value(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// The PKCE verifier of a sign-in, as long as RFC 7636 section 4.1 recommends.
    pub(super) fn verifier(&self, id: LoginId) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.mac(b"verifier", id)))
    }

    /// The nonce of the ID token of a sign-in.
    pub(super) fn nonce(&self, id: LoginId) -> String {
        URL_SAFE_NO_PAD.encode(self.half(b"nonce", id))
    }

    /// What `state` keeps to recognise the browser that started the sign-in.
    pub(super) fn proof(&self, id: LoginId) -> Half {
        self.half(b"browser", id)
    }

    fn half(&self, purpose: &[u8], id: LoginId) -> Half {
        let mac = self.mac(purpose, id);
        *mac.first_chunk().expect("16 of 32")
    }

    fn mac(&self, purpose: &[u8], id: LoginId) -> [u8; 32] {
        let key = Key::new(HMAC_SHA256, &*self.0);
        // No purpose begins with another, and all ids have the same length.
        let mac = sign(&key, &[purpose, id.bytes()].concat());
        mac.as_ref().try_into().expect("SHA-256")
    }
}

/// The bytes of a login cookie's value, for the fuzz target.
#[cfg(fuzzing)]
pub(crate) fn login_secret(value: &str) -> Option<[u8; 32]> {
    BrowserSecret::parse(value).map(|secret| *secret.0)
}

impl fmt::Debug for BrowserSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_value_is_read_whole_or_not() {
        let value = BrowserSecret::new().cookie_value();
        assert_eq!(value.len(), 43);
        let read = BrowserSecret::parse(&value).expect("its own");
        assert_eq!(*read.cookie_value(), *value);
        for (name, other) in [
            ("nothing", String::new()),
            ("cut", value[..42].to_owned()),
            ("longer", format!("{}A", *value)),
            ("padded", format!("{}=", *value)),
            ("31 bytes", "A".repeat(42)),
            ("33 bytes", "A".repeat(44)),
            ("bits left over", format!("{}B", "A".repeat(42))),
            ("another alphabet", format!("{}+A", "A".repeat(41))),
            ("very long", "A".repeat(10_000)),
        ] {
            assert!(BrowserSecret::parse(&other).is_none(), "{name}");
        }
    }

    #[test]
    fn each_sign_in_and_browser_has_its_own_values() {
        let (one, two) = (BrowserSecret::new(), BrowserSecret::new());
        let (first, second) = (LoginId::new(), LoginId::new());
        let again = BrowserSecret::parse(&one.cookie_value()).expect("its own");
        assert_eq!(*one.verifier(first), *again.verifier(first));
        assert_eq!(one.nonce(first), again.nonce(first));
        assert_eq!(one.proof(first), again.proof(first));
        for (secret, id) in [(&one, second), (&two, first)] {
            assert_ne!(*one.verifier(first), *secret.verifier(id));
            assert_ne!(one.nonce(first), secret.nonce(id));
            assert_ne!(one.proof(first), secret.proof(id));
        }
        // RFC 7636 section 4.1, and the 128 bits of RFC 9700 for a nonce.
        let lengths = (one.verifier(first).len(), one.nonce(first).len());
        assert_eq!(lengths, (43, 22));
        // No value tells another.
        assert!(!one.verifier(first).starts_with(&one.nonce(first)[..21]));
        assert_ne!(one.nonce(first), URL_SAFE_NO_PAD.encode(one.proof(first)));
        assert_eq!(format!("{one:?}"), "BrowserSecret(..)");
    }

    #[test]
    fn the_mac_is_hmac_sha256_of_purpose_and_id() {
        // By Python's `hmac` and `hashlib`.
        let secret = BrowserSecret(Zeroizing::new([7; 32]));
        let id = LoginId::from_bytes([9; 16]);
        assert_eq!(*secret.verifier(id), VERIFIER);
        assert_eq!(secret.nonce(id), NONCE);
    }

    const VERIFIER: &str = "mgf15PPK15QYsKzUUc5lqHKZfE2c9NYFHTR0BlrT6oY";
    const NONCE: &str = "GieT6LqMLrCRNM7Onv00LQ";
}
