use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::base64url;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::key::{Curve, VerifyingKey};

/// More than any issuer needs: the resource names of cloud key stores stay below.
const MAX_KID: usize = 256;

/// The members of which each makes a key private: RFC 7518 sections 6.2.2 and 6.3.2.
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// One entry of a set. `None` where a member is there twice.
pub(super) struct Jwk(Option<Map<String, Value>>);

/// The entries of a set, whatever they say.
pub(super) fn parse_set(document: &[u8]) -> Result<Vec<Jwk>, KeyError> {
    let problem = "the document is no JSON object with an array of keys";
    let set: Set =
        serde_json::from_slice(document).map_err(|_| KeyError::new(Kind::Malformed, problem))?;
    Ok(set.0)
}

impl Jwk {
    /// The key, where it is a public one for signatures that this crate can check.
    pub(super) fn verifying_key(&self) -> Option<VerifyingKey> {
        let members = self.0.as_ref()?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) || !self.is_for_signatures()? {
            return None;
        }
        let mut key = match (self.text("kty")??, self.text("crv")?) {
            ("RSA", _) => VerifyingKey::rsa(&self.bytes("n")?, &self.bytes("e")?),
            ("EC", Some("P-256")) => self.ec(Curve::P256)?,
            ("EC", Some("P-384")) => self.ec(Curve::P384)?,
            ("EC", Some("P-521")) => self.ec(Curve::P521)?,
            ("OKP", Some("Ed25519")) => VerifyingKey::ed25519(&self.bytes("x")?),
            _ => return None,
        }
        .ok()?;
        if let Some(name) = self.text("alg")? {
            key = key.with_algorithm(Algorithm::from_name(name)?)?;
        }
        match self.text("kid")? {
            Some(kid) => (kid.len() <= MAX_KID).then(|| key.with_kid(kid)),
            None => Some(key),
        }
    }

    /// What `use` and `key_ops` say. `None` where they are malformed.
    fn is_for_signatures(&self) -> Option<bool> {
        let is_used = self.text("use")?.is_none_or(|usage| usage == "sig");
        let verifies = match self.get("key_ops") {
            None => true,
            Some(Value::Array(operations)) => {
                operations.iter().all(Value::is_string) && operations.contains(&"verify".into())
            }
            Some(_) => return None,
        };
        Some(is_used && verifies)
    }

    fn ec(&self, curve: Curve) -> Option<Result<VerifyingKey, KeyError>> {
        let (x, y) = (self.bytes("x")?, self.bytes("y")?);
        Some(VerifyingKey::ec(curve, &x, &y))
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// A member that is a string where it is there; the outer `None` is for one that is not.
    #[expect(clippy::option_option, reason = "absent and malformed are two things")]
    fn text(&self, name: &str) -> Option<Option<&str>> {
        match self.get(name) {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text)),
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
                let mut members = Map::new();
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
