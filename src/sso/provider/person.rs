use serde_json::{Map, Value};

use super::error::{ProviderError, ProviderErrorKind};
use crate::jwt::ClaimSet;

/// The claims in which a plain OAuth 2.0 provider may name the person.
const SUBJECT_CLAIMS: [&str; 4] = ["sub", "user_id", "id", "email"];

/// The subject of a person that the provider does not name.
const UNKNOWN: &str = "unknown";

/// Claims about the ID token and its exchange, not about the person.
const PROTOCOL_CLAIMS: [&str; 4] = ["nonce", "at_hash", "c_hash", "s_hash"];

/// A person as the provider describes them.
pub(super) struct Person {
    pub(super) subject: String,
    pub(super) claims: ClaimSet,
}

impl Person {
    pub(super) fn unknown() -> Self {
        Self {
            subject: UNKNOWN.to_owned(),
            claims: ClaimSet::from_object(Map::new()),
        }
    }

    /// The person of an ID token.
    pub(super) fn of_id_token(claims: &ClaimSet) -> Result<Self, ProviderError> {
        let subject = claims.get("sub").and_then(Value::as_str);
        let subject = subject.filter(|name| !name.is_empty()).ok_or_else(|| {
            let problem = "the ID token has no subject";
            ProviderError::new(ProviderErrorKind::IdToken, problem)
        })?;
        let subject = subject.to_owned();
        let mut claims = claims.as_object().clone();
        claims.retain(|name, value| !PROTOCOL_CLAIMS.contains(&&**name) && !value.is_null());
        Ok(Self {
            subject,
            claims: ClaimSet::from_object(claims),
        })
    }

    /// The person in an answer of a plain OAuth 2.0 provider's user endpoint.
    pub(super) fn of_user(
        claims: ClaimSet,
        names: Option<&[String]>,
    ) -> Result<Self, ProviderError> {
        let subject = match names {
            Some(names) => subject_of(&claims, names),
            None => subject_of(&claims, &SUBJECT_CLAIMS),
        };
        let subject =
            subject.ok_or_else(|| malformed("the user endpoint's answer names no person"))?;
        Ok(Self { subject, claims })
    }

    /// Adds what only the user endpoint says. It must have the same `sub` (OpenID Connect Core 1.0
    /// section 5.3.2).
    pub(super) fn complete(self, user: &ClaimSet) -> Result<Self, ProviderError> {
        if user.get("sub").and_then(Value::as_str) != Some(&self.subject) {
            return Err(malformed(
                "the user endpoint names another person than the ID token",
            ));
        }
        let (mut claims, mut own) = (user.as_object().clone(), self.claims.as_object().clone());
        if claims.get("email") != own.get("email") {
            // `email_verified` counts for the address that came with it only (section 5.1).
            let of_other = if own.contains_key("email") {
                &mut claims
            } else {
                &mut own
            };
            of_other.remove("email_verified");
        }
        claims.extend(own);
        Ok(Self {
            subject: self.subject,
            claims: ClaimSet::from_object(claims),
        })
    }
}

/// The first of these claims that is present and not null, if it is a non-empty string or a whole number.
fn subject_of(claims: &ClaimSet, names: &[impl AsRef<str>]) -> Option<String> {
    let mut given = names.iter().filter_map(|name| claims.get(name.as_ref()));
    match given.find(|value| !value.is_null())? {
        Value::String(name) if !name.is_empty() => Some(name.clone()),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    }
}

fn malformed(problem: &'static str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Malformed, problem)
}
