//! An issuer of tokens: it signs with aws-lc-rs itself whatever a test asks for, right or wrong.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{hmac, rsa};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://idp.example";
pub(crate) const AUDIENCE: &str = "packages";
/// In November 2023, by [`claims`] a minute after the token was issued.
pub(crate) const NOW: u64 = 1_700_000_000;
/// The secret of the HS256 key.
pub(crate) const SECRET: &[u8; 32] = b"thirty-two bytes are just enough";

/// The keys of the issuer, made once in the process.
pub(crate) struct Issuer {
    rs256: RsaKeyPair,
    es256: EcdsaKeyPair,
    eddsa: Ed25519KeyPair,
}

/// The issuer of all tests that need no second one.
pub(crate) fn issuer() -> &'static Issuer {
    static ONE: LazyLock<Issuer> = LazyLock::new(Issuer::new);
    &ONE
}

impl Issuer {
    /// An issuer with keys of its own.
    pub(crate) fn new() -> Self {
        Self {
            rs256: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            es256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            eddsa: Ed25519KeyPair::generate().unwrap(),
        }
    }

    /// A token by RS256, ES256, `EdDSA` or HS256, whose header says `alg`, the key's `kid` and `typ`
    /// `JWT`.
    pub(crate) fn token(&self, algorithm: Algorithm, claims: &Value) -> String {
        let header = json!({"alg": algorithm.name(), "kid": kid(algorithm), "typ": "JWT"});
        self.token_of(algorithm, &header.to_string(), &claims.to_string())
    }

    /// A token by ES256 with this header, which is filled up with `alg` and `kid` where they are not
    /// there.
    pub(crate) fn token_with_header(&self, mut header: Value, claims: &Value) -> String {
        let members = header.as_object_mut().unwrap();
        members.entry("alg").or_insert("ES256".into());
        members.entry("kid").or_insert("es256".into());
        self.token_of(Algorithm::Es256, &header.to_string(), &claims.to_string())
    }

    /// A token of these very texts.
    pub(crate) fn token_of(&self, algorithm: Algorithm, header: &str, payload: &str) -> String {
        self.token_of_parts(algorithm, &encode(header), &encode(payload))
    }

    /// A token of parts that are encoded already, somehow.
    pub(crate) fn token_of_parts(
        &self,
        algorithm: Algorithm,
        header: &str,
        payload: &str,
    ) -> String {
        let input = format!("{header}.{payload}");
        let signature = self.sign(algorithm, input.as_bytes());
        format!("{input}.{}", encode(signature))
    }

    fn sign(&self, algorithm: Algorithm, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match algorithm {
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rs256.public_modulus_len()];
                let key = &self.rs256;
                key.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                    .unwrap();
                signature
            }
            Algorithm::Es256 => self.es256.sign(&random, input).unwrap().as_ref().to_vec(),
            Algorithm::EdDsa => self.eddsa.sign(input).as_ref().to_vec(),
            Algorithm::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
                hmac::sign(&key, input).as_ref().to_vec()
            }
            other => panic!("the issuer of the tests has no key for {other}"),
        }
    }

    /// The public keys, each with `kid` and `alg`.
    pub(crate) fn jwks(&self) -> String {
        let keys = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].map(|one| self.jwk(one));
        json!({ "keys": keys }).to_string()
    }

    /// One public key.
    pub(crate) fn jwk(&self, algorithm: Algorithm) -> Value {
        let mut jwk = match algorithm {
            Algorithm::Rs256 => {
                let key: &rsa::PublicKey = self.rs256.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                let n = encode(n.big_endian_without_leading_zero());
                json!({"kty": "RSA", "n": n, "e": encode(e.big_endian_without_leading_zero())})
            }
            Algorithm::Es256 => {
                let (x, y) = self.es256.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Algorithm::EdDsa => {
                let x = encode(self.eddsa.public_key());
                json!({"kty": "OKP", "crv": "Ed25519", "x": x})
            }
            other => panic!("{other} has no public key here"),
        };
        let members = jwk.as_object_mut().unwrap();
        members.insert("kid".into(), kid(algorithm).into());
        members.insert("alg".into(), algorithm.name().into());
        jwk
    }

    /// The public keys as a set.
    pub(crate) fn keys(&self) -> KeySet {
        KeySet::from_jwks(self.jwks().as_bytes()).unwrap()
    }

    /// A trust in this issuer's public keys for [`AUDIENCE`].
    pub(crate) fn trusted(&self) -> TrustedIssuer {
        TrustedIssuer::new(ISSUER, [AUDIENCE], self.keys()).unwrap()
    }

    /// A verifier that trusts this issuer, by the clock of the machine.
    pub(crate) fn verifier(&self) -> JwtVerifier {
        JwtVerifier::new([self.trusted()]).unwrap()
    }
}

/// The name of the issuer's key for an algorithm: `rs256`, say.
pub(crate) fn kid(algorithm: Algorithm) -> String {
    algorithm.name().to_lowercase()
}

/// Claims of a token that is good from November 2023 to the year 2100, with the scopes `read` and
/// `list`.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ci", "scope": "read list",
        "iat": NOW - 60, "exp": 4_102_444_800_u64,
    })
}

/// [`claims`] with these instead; null takes one away.
pub(crate) fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    let members = claims.as_object_mut().unwrap();
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    claims
}

/// Base64url without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
