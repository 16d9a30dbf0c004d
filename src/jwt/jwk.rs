use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::algorithm::Algorithm;
use super::base64url;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::jwk_member::Member;
use super::key::{Curve, VerifyingKey};

/// More than any issuer needs: the resource names of cloud key stores are shorter.
const MAX_KID: usize = 256;

/// The members that make a key private: RFC 7518 sections 6.2.2 and 6.3.2.
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// The entries of a JSON Web Key Set, usable or not.
pub(super) fn parse(document: &[u8]) -> Result<Vec<Jwk>, KeyError> {
    let problem = "the document is not a JSON object with an array of keys";
    let malformed = || KeyError::new(Kind::Malformed, problem);
    // The parser does not check the text that it skips.
    let document = std::str::from_utf8(document).map_err(|_| malformed())?;
    let set: Set = serde_json::from_str(document).map_err(|_| malformed())?;
    Ok(set.0)
}

/// One entry of a set. `None` if a member occurs twice.
pub(super) struct Jwk(Option<HashMap<String, Member>>);

impl Jwk {
    /// The key, if it is a public key for signatures that this crate can verify.
    pub(super) fn verifying_key(&self) -> Option<VerifyingKey> {
        let members = self.0.as_ref()?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) || !self.is_for_signatures()? {
            return None;
        }
        let mut key = self.material()?.ok()?;
        if let Some(name) = self.text("alg")? {
            key = key.with_algorithm(Algorithm::from_name(name)?)?;
        }
        match self.text("kid")? {
            Some(kid) => (kid.len() <= MAX_KID).then(|| key.with_kid(kid)),
            None => Some(key),
        }
    }

    /// Whether `use` and `key_ops` permit it. `None` if they are malformed.
    fn is_for_signatures(&self) -> Option<bool> {
        let is_used = self.text("use")?.is_none_or(|usage| usage == "sig");
        let verifies = match self.get("key_ops") {
            None => true,
            Some(Member::Texts(operations)) => operations.iter().any(|it| it == "verify"),
            Some(_) => return None,
        };
        Some(is_used && verifies)
    }

    /// `None` for `oct` as well: a published secret is not secret.
    fn material(&self) -> Option<Result<VerifyingKey, KeyError>> {
        let ec = |curve| {
            let (x, y) = (self.bytes("x")?, self.bytes("y")?);
            Some(VerifyingKey::ec(curve, &x, &y))
        };
        match self.text("kty")?? {
            "RSA" => Some(VerifyingKey::rsa(&self.bytes("n")?, &self.bytes("e")?)),
            "EC" => match self.text("crv")?? {
                "P-256" => ec(Curve::P256),
                "P-384" => ec(Curve::P384),
                "P-521" => ec(Curve::P521),
                _ => None,
            },
            "OKP" if self.text("crv")? == Some("Ed25519") => {
                Some(VerifyingKey::ed25519(&self.bytes("x")?))
            }
            _ => None,
        }
    }

    fn get(&self, name: &str) -> Option<&Member> {
        self.0.as_ref()?.get(name)
    }

    /// A member that is a string, if it is present. The outer `None` is for a member of another type.
    #[expect(clippy::option_option, reason = "absent and malformed are two things")]
    fn text(&self, name: &str) -> Option<Option<&str>> {
        match self.get(name) {
            None => Some(None),
            Some(Member::Text(text)) => Some(Some(text)),
            Some(_) => None,
        }
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        base64url::decode(self.text(name)??)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Jwk;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Jwk, A::Error> {
                let mut members = HashMap::new();
                let mut is_unique = true;
                while let Some((name, value)) = access.next_entry()? {
                    is_unique &= members.insert(name, value).is_none();
                }
                Ok(Jwk(is_unique.then_some(members)))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

struct Set(Vec<Jwk>);

impl<'de> Deserialize<'de> for Set {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Set;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a set of keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Set, A::Error> {
                let mut keys = None;
                while let Some(name) = access.next_key::<String>()? {
                    if name != "keys" {
                        access.next_value::<IgnoredAny>()?;
                    } else if keys.replace(access.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field("keys"));
                    }
                }
                let missing = || A::Error::missing_field("keys");
                keys.map(Set).ok_or_else(missing)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests;
