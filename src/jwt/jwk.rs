use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::algorithm::Algorithm;
use super::base64url;
use super::error::{KeyError, KeyErrorKind as Kind};
use super::jwk_member::Member;
use super::key::{Curve, VerifyingKey};
use crate::gate::Mismatch;

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

/// One entry of a set.
pub(super) struct Jwk {
    /// Empty if the entry is not an object.
    members: HashMap<String, Member>,
    /// What is wrong with the entry, whatever its members are.
    fault: Option<&'static str>,
}

impl Jwk {
    /// The name of the key, if it has one that is text.
    pub(super) fn kid(&self) -> Option<&str> {
        self.text("kid").unwrap_or_default()
    }

    /// The key, if it is a public key for signatures that this crate can verify.
    pub(super) fn verifying_key(&self) -> Result<VerifyingKey, KeyError> {
        if let Some(fault) = self.fault {
            return Err(unusable(fault));
        }
        if let Some(name) = PRIVATE.iter().find(|name| self.get(name).is_some()) {
            let problem = format!(
                "it has the member {name} of a private key, with which any reader can sign"
            );
            return Err(KeyError::new(Kind::PrivateKey, problem));
        }
        self.check_use()?;
        let mut key = self.material()?;
        if let Some(name) = self.text("alg")? {
            let permitted = key.algorithms().iter().map(Algorithm::name);
            let mismatch = differs("alg", Some(name), permitted);
            let narrowed = Algorithm::from_name(name).and_then(|it| key.with_algorithm(it));
            key = narrowed.ok_or(mismatch)?;
        }
        match self.text("kid")? {
            Some(kid) if kid.len() > MAX_KID => Err(unusable("kid is longer than 256 bytes")),
            Some(kid) => Ok(key.with_kid(kid)),
            None => Ok(key),
        }
    }

    /// Whether `use` and `key_ops` permit signatures to be verified.
    fn check_use(&self) -> Result<(), KeyError> {
        let usage = self.text("use")?;
        if usage.is_some_and(|usage| usage != "sig") {
            return Err(differs("use", usage, ["sig"]));
        }
        match self.get("key_ops") {
            None => Ok(()),
            Some(Member::Texts(operations)) if operations.iter().any(|it| it == "verify") => Ok(()),
            Some(Member::Texts(operations)) => {
                let given = operations.join(" and ");
                Err(differs("key_ops", Some(&given), ["verify"]))
            }
            Some(_) => Err(unusable("key_ops is not an array of strings")),
        }
    }

    /// No `oct` either: a published secret is not secret.
    fn material(&self) -> Result<VerifyingKey, KeyError> {
        let ec = |curve| VerifyingKey::ec(curve, &self.bytes("x")?, &self.bytes("y")?);
        match self.text("kty")? {
            Some("RSA") => VerifyingKey::rsa(&self.bytes("n")?, &self.bytes("e")?),
            Some("EC") => match self.text("crv")? {
                Some("P-256") => ec(Curve::P256),
                Some("P-384") => ec(Curve::P384),
                Some("P-521") => ec(Curve::P521),
                other => Err(differs("crv", other, ["P-256", "P-384", "P-521"])),
            },
            Some("OKP") => match self.text("crv")? {
                Some("Ed25519") => VerifyingKey::ed25519(&self.bytes("x")?),
                other => Err(differs("crv", other, ["Ed25519"])),
            },
            Some("oct") => Err(unusable(
                "kty is oct: a secret that is published is not secret",
            )),
            other => Err(differs("kty", other, ["RSA", "EC", "OKP"])),
        }
    }

    /// A member, if it is present. One that is null counts as absent.
    fn get(&self, name: &str) -> Option<&Member> {
        let member = self.members.get(name);
        member.filter(|member| **member != Member::Null)
    }

    /// A member that is a string, if it is present.
    fn text(&self, name: &str) -> Result<Option<&str>, KeyError> {
        match self.get(name) {
            None => Ok(None),
            Some(Member::Text(text)) => Ok(Some(text)),
            Some(_) => Err(unusable(format!("{name} is not a string"))),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, KeyError> {
        let Some(text) = self.text(name)? else {
            let has_certificate = self.get("x5c").is_some();
            let hint = if has_certificate {
                ", and certificates (x5c) are not read"
            } else {
                ""
            };
            return Err(unusable(format!("{name} is missing{hint}")));
        };
        base64url::decode(text).ok_or_else(|| unusable(format!("{name} is not strict base64url")))
    }
}

fn unusable(problem: impl Into<Cow<'static, str>>) -> KeyError {
    KeyError::new(Kind::Unsupported, problem)
}

fn differs(
    member: &'static str,
    given: Option<&str>,
    expected: impl IntoIterator<Item = &'static str>,
) -> KeyError {
    unusable(
        Mismatch::new(member, given)
            .with_expected(expected)
            .to_string(),
    )
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entry)
    }
}

struct Entry;

impl Entry {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "every method of the visitor returns it"
    )]
    fn not_an_object<E>() -> Result<Jwk, E> {
        Ok(Jwk {
            members: HashMap::new(),
            fault: Some("the entry is not a JSON object"),
        })
    }
}

/// One bad entry must not spoil the set, whatever JSON it is.
impl<'de> Visitor<'de> for Entry {
    type Value = Jwk;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Jwk, A::Error> {
        let mut members = HashMap::new();
        let mut fault = None;
        while let Some((name, value)) = access.next_entry()? {
            if members.insert(name, value).is_some() {
                fault = Some("a member is given twice");
            }
        }
        Ok(Jwk { members, fault })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Jwk, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Self::not_an_object()
    }

    fn visit_unit<E>(self) -> Result<Jwk, E> {
        Self::not_an_object()
    }

    fn visit_bool<E>(self, _: bool) -> Result<Jwk, E> {
        Self::not_an_object()
    }

    fn visit_i64<E>(self, _: i64) -> Result<Jwk, E> {
        Self::not_an_object()
    }

    fn visit_u64<E>(self, _: u64) -> Result<Jwk, E> {
        Self::not_an_object()
    }

    fn visit_f64<E>(self, _: f64) -> Result<Jwk, E> {
        Self::not_an_object()
    }

    fn visit_str<E>(self, _: &str) -> Result<Jwk, E> {
        Self::not_an_object()
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
