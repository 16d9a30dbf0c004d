use std::time::UNIX_EPOCH;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis::{Clock, SystemClock};

/// The public key of the tests' issuer, made by `openssl genpkey -algorithm ed25519`.
pub(crate) const ISSUER_KEY: &str = include_str!("../data/issuer.pem");
const PRIVATE_KEY: &str = include_str!("../data/issuer-private.pem");

/// A token of `https://idp.test/` for `wheels`, valid for an hour, with these scopes.
pub(crate) fn token(scope: &str) -> String {
    token_for("wheels", scope)
}

/// The same for another audience.
pub(crate) fn token_for(audience: &str, scope: &str) -> String {
    token_until(audience, scope, 3600)
}

/// The same, valid for this number of seconds from now.
pub(crate) fn token_until(audience: &str, scope: &str, seconds: i64) -> String {
    signed(&format!(
        r#"{{"iss":"https://idp.test/","aud":"{audience}","sub":"robot","exp":{},"scope":"{scope}"}}"#,
        now().saturating_add_signed(seconds)
    ))
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemClock::default().now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// A token with these claims.
pub(crate) fn signed(claims: &str) -> String {
    let signed = unsigned("EdDSA", claims);
    let key: String = PRIVATE_KEY
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let key = Ed25519KeyPair::from_pkcs8(&STANDARD.decode(key).unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The same by HS256.
pub(crate) fn signed_by_secret(claims: &str, secret: &str) -> String {
    let signed = unsigned("HS256", claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn unsigned(algorithm: &str, claims: &str) -> String {
    let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#);
    let [header, claims] = [&*header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}")
}
