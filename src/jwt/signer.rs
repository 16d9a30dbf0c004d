use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::key_set::KeySet;

/// Signs as a provider does, by any of three keys.
pub(crate) struct Signer {
    es256: EcdsaKeyPair,
    es384: EcdsaKeyPair,
    eddsa: Ed25519KeyPair,
}

impl Signer {
    pub(crate) fn new() -> Self {
        Self {
            es256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
            es384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key"),
            eddsa: Ed25519KeyPair::generate().expect("a key"),
        }
    }

    pub(crate) fn keys(&self) -> KeySet {
        KeySet::from_jwks(self.jwks().as_bytes()).expect("a set")
    }

    /// The public keys, under the names of their curves.
    pub(crate) fn jwks(&self) -> String {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let ec = |pair: &EcdsaKeyPair, curve: &str| {
            let point = &pair.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({"kty": "EC", "crv": curve, "kid": curve, "x": encode(x), "y": encode(y)})
        };
        let x = encode(self.eddsa.public_key().as_ref());
        let okp = json!({"kty": "OKP", "crv": "Ed25519", "kid": "Ed25519", "x": x});
        let keys = json!({"keys": [ec(&self.es256, "P-256"), ec(&self.es384, "P-384"), okp]});
        keys.to_string()
    }

    /// A token by the key that its header names, whatever else that says.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", encode(header), encode(claims));
        let (random, bytes) = (SystemRandom::new(), input.as_bytes());
        let ecdsa = |key: &EcdsaKeyPair| {
            let signature = key.sign(&random, bytes).expect("a signature");
            signature.as_ref().to_vec()
        };
        let signature = match header["kid"].as_str().expect("a name") {
            "P-384" => ecdsa(&self.es384),
            "Ed25519" => self.eddsa.sign(bytes).as_ref().to_vec(),
            _ => ecdsa(&self.es256),
        };
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
