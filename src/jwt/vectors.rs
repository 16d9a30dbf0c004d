use serde_json::{Map, Value, json};

use super::algorithm::Algorithm;
use super::base64url;
use super::jwk;
use super::key::VerifyingKey;
use super::key_set::KeySet;

/// A signature of another implementation, or one that no implementation may take.
pub(super) struct Vector {
    pub(super) name: &'static str,
    pub(super) is_good: bool,
    pub(super) algorithm: Algorithm,
    pub(super) jwk: Map<String, Value>,
    pub(super) signing_input: &'static [u8],
    pub(super) signature: Vec<u8>,
}

impl Vector {
    fn parse(line: &'static str) -> Self {
        let [verdict, name, algorithm, jwk, token] = columns(line);
        let (signing_input, signature) = token.rsplit_once('.').expect("a token");
        Self {
            name,
            is_good: verdict == "good",
            algorithm: Algorithm::from_name(algorithm).expect("an algorithm"),
            jwk: serde_json::from_str(jwk).expect("a JSON object"),
            signing_input: signing_input.as_bytes(),
            signature: base64url::decode(signature).expect("base64url"),
        }
    }

    pub(super) fn key(&self) -> VerifyingKey {
        if self.jwk["kty"] == "oct" {
            let secret = self.jwk["k"].as_str().and_then(base64url::decode);
            return VerifyingKey::hmac(self.algorithm, &secret.expect("base64url")).expect("long");
        }
        let set = json!({ "keys": [self.jwk] }).to_string();
        let entries = jwk::parse(set.as_bytes()).expect("a set");
        entries[0].verifying_key().expect("a good key")
    }

    pub(super) fn is_verified_by(&self, key: &VerifyingKey) -> bool {
        key.verifies(self.algorithm, self.signing_input, &self.signature)
    }
}

/// All of them.
pub(super) fn signatures() -> impl Iterator<Item = Vector> {
    rows(include_str!("vectors/signatures.tsv")).map(Vector::parse)
}

/// The one of that name.
pub(super) fn signature(name: &str) -> Vector {
    let found = signatures().find(|vector| vector.name == name);
    found.unwrap_or_else(|| panic!("no vector {name}"))
}

/// A set of the keys of these vectors, each with members of its own.
pub(super) fn set(keys: &[(&str, Value)]) -> KeySet {
    let entries = keys.iter().map(|(vector, members)| {
        let mut jwk = signature(vector).jwk;
        jwk.extend(members.as_object().expect("members").clone());
        jwk
    });
    let document = json!({ "keys": entries.collect::<Vec<_>>() }).to_string();
    KeySet::from_jwks(document.as_bytes()).expect("a good set")
}

/// The lines of a table but for comments.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

pub(super) fn columns<const N: usize>(line: &'static str) -> [&'static str; N] {
    let columns: Vec<_> = line.split('\t').collect();
    columns.try_into().expect("the columns of the table")
}
