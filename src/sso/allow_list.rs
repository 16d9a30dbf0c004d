use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::error::ConfigError;
use crate::gate::require_scope_token;
use crate::jwt::{ClaimPath, ClaimSet};

/// The people who are admitted after a sign-in, by what the provider says about them.
///
/// 1. With e-mail addresses or domains: the `email` must be one of the addresses, or in one of the
///    domains. Both are compared without regard to ASCII case. A domain is compared as a whole:
///    `alice@mail.example.com` is not in `example.com`. The address must have exactly one `@`, and the
///    provider must send `email_verified` as `true` or `"true"`, since at some providers people can enter
///    any address.
/// 2. With groups: the person must be in one of them, compared byte by byte.
/// 3. With scopes: the provider must have granted all of them.
///
/// All configured rules must be met. A list without rules admits nobody. The list is checked again at
/// each request, so a change also applies to existing sessions.
///
/// ```
/// use portcullis::jwt::ClaimPath;
/// use portcullis::sso::AllowList;
///
/// let list = AllowList::new()
///     .with_domains(["example.com"])?
///     .with_emails(["guest@example.org"])?
///     .with_groups(ClaimPath::new(["groups"])?, ["readers"])?;
/// // An empty list of addresses is a mistake.
/// assert!(AllowList::new().with_emails([""; 0]).is_err());
/// # let _ = list;
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct AllowList {
    is_everyone: bool,
    emails: HashSet<String>,
    domains: HashSet<String>,
    takes_unverified: bool,
    groups: Vec<(ClaimPath, HashSet<String>)>,
    scopes: HashSet<String>,
}

impl AllowList {
    /// Admits everyone with an account at the provider. If anybody can create an account there, that is
    /// anybody.
    pub fn everyone() -> Self {
        Self {
            is_everyone: true,
            ..Self::default()
        }
    }

    /// Admits nobody until rules are added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds people by their e-mail address.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no address, and for one that is not of the form
    /// `local@domain`.
    pub fn with_emails<I>(mut self, emails: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let emails = emails.into_iter().map(|email| {
            let email = email.as_ref();
            let problem = || format!("{email:?} must have the form local@domain");
            let parts = parts_of(email).ok_or_else(problem);
            parts.map(|_| email.to_ascii_lowercase())
        });
        self.emails.extend(at_least_one("allowed e-mails", emails)?);
        Ok(self)
    }

    /// Adds everyone with an e-mail address in these domains.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no domain, and for one that is not labels of ASCII letters,
    /// digits and `-`, separated by dots.
    pub fn with_domains<I>(mut self, domains: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let domains = domains.into_iter().map(|domain| {
            let domain = domain.as_ref();
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_plain);
            if domain.split('.').all(is_label) {
                Ok(domain.to_ascii_lowercase())
            } else {
                Err(format!("{domain:?} is not a domain, such as example.com"))
            }
        });
        self.domains
            .extend(at_least_one("allowed domains", domains)?);
        Ok(self)
    }

    /// Adds groups. The claim must be one of them, or a list that contains one of them.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no group, and for an empty name.
    pub fn with_groups<I>(mut self, claim: ClaimPath, groups: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let groups = groups.into_iter().map(|group| match group.into() {
            group if group.is_empty() => Err("must not contain an empty name".to_owned()),
            group => Ok(group),
        });
        let groups = at_least_one("allowed groups", groups)?;
        self.groups.push((claim, groups));
        Ok(self)
    }

    /// Adds scopes that the provider must have granted.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no scope, and for one that is not a scope token of RFC 6749
    /// section 3.3.
    pub fn with_scopes<I>(mut self, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let scopes = scopes.into_iter().map(|scope| {
            let scope = scope.into();
            let checked = require_scope_token(&scope).map_err(|error| error.problem().to_owned());
            checked.map(|()| scope)
        });
        self.scopes.extend(at_least_one("allowed scopes", scopes)?);
        Ok(self)
    }

    /// Accepts an e-mail address if the provider does not say whether it is verified. One that is
    /// reported as not verified is still refused.
    ///
    /// At a provider where people choose the address of their account, anyone can impersonate anybody.
    pub fn with_insecure_unverified_emails(mut self) -> Self {
        self.takes_unverified = true;
        self
    }

    /// Whether it admits nobody.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_everyone
            && !self.asks_for_email()
            && self.groups.is_empty()
            && self.scopes.is_empty()
    }

    /// The claims that list the groups of a person.
    pub(super) fn group_claims(&self) -> impl Iterator<Item = &ClaimPath> {
        self.groups.iter().map(|(claim, _)| claim)
    }

    /// What the list reads of these claims: the address, and of the groups only those that are listed.
    pub(super) fn kept(&self, claims: &ClaimSet) -> Map<String, Value> {
        let mut kept = Map::new();
        if self.asks_for_email() {
            for name in ["email", "email_verified"] {
                let value = claims.get(name).cloned();
                kept.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        for (claim, groups) in &self.groups {
            let named: Vec<_> = match claim.find(claims) {
                Some(Value::String(group)) => vec![group],
                Some(Value::Array(elements)) => {
                    let strings = elements.iter().map(|element| match element {
                        Value::String(group) => Some(group),
                        _ => None,
                    });
                    strings.flatten().collect()
                }
                _ => continue,
            };
            let named = named.into_iter().filter(|group| groups.contains(*group));
            claim.put(&mut kept, named.cloned().collect());
        }
        kept
    }

    fn asks_for_email(&self) -> bool {
        !(self.emails.is_empty() && self.domains.is_empty())
    }

    /// Why this person is not admitted, for the log.
    pub(super) fn refusal(&self, claims: &ClaimSet, scopes: &[String]) -> Option<&'static str> {
        if self.is_everyone {
            return None;
        }
        if self.is_empty() {
            return Some("the allow-list is empty");
        }
        if self.asks_for_email()
            && let Err(refusal) = self.judge_email(claims)
        {
            return Some(refusal);
        }
        let mut groups = self.groups.iter();
        if !self.groups.is_empty() && !groups.any(|(claim, groups)| is_one(claim, claims, groups)) {
            let is_left_out = self.group_claims().any(|claim| is_left_out(claim, claims));
            return Some(if is_left_out {
                "the provider has left out the groups, because the person is in too many (Entra ID: more \
                 than 200): let it send only the groups that are assigned to this application"
            } else {
                "the person is in no allowed group"
            });
        }
        let lacks_scope = self.scopes.iter().any(|scope| !scopes.contains(scope));
        lacks_scope.then_some("a required scope was not granted")
    }

    fn judge_email(&self, claims: &ClaimSet) -> Result<(), &'static str> {
        let email = claims.get("email").and_then(Value::as_str);
        let email = email
            .ok_or("the provider sent no e-mail address")?
            .to_ascii_lowercase();
        let (_, domain) = parts_of(&email).ok_or("the e-mail address is malformed")?;
        let is_verified = match claims.get("email_verified") {
            Some(verified) => *verified == Value::Bool(true) || *verified == "true",
            None => self.takes_unverified,
        };
        if !is_verified {
            return Err("the e-mail address is not verified");
        }
        if self.emails.contains(&email) || self.domains.contains(domain) {
            Ok(())
        } else {
            Err("the e-mail address is not allowed")
        }
    }
}

/// The parts before and after the one `@` of an address.
fn parts_of(email: &str) -> Option<(&str, &str)> {
    let (local, domain) = email.split_once('@')?;
    let is_whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    let is_clean = !email.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_whole && is_clean).then_some((local, domain))
}

/// Whether the claim is one of these groups, or a list that contains one.
fn is_one(claim: &ClaimPath, claims: &ClaimSet, groups: &HashSet<String>) -> bool {
    match claim.find(claims) {
        Some(Value::String(group)) => groups.contains(group),
        Some(Value::Array(elements)) => {
            let mut named = elements.iter().filter_map(Value::as_str);
            named.any(|group| groups.contains(group))
        }
        _ => false,
    }
}

/// Whether the provider sends a pointer instead of this claim (OpenID Connect Core 1.0 section 5.6.2).
fn is_left_out(claim: &ClaimPath, claims: &ClaimSet) -> bool {
    let pointers = claims.get("_claim_names");
    let has_pointer = pointers.is_some_and(|names| names.get(claim.claim()).is_some());
    has_pointer && claim.find(claims).is_none()
}

fn at_least_one(
    setting: &'static str,
    values: impl Iterator<Item = Result<String, String>>,
) -> Result<HashSet<String>, ConfigError> {
    let refuse = |problem| ConfigError::new(setting, problem);
    let values: HashSet<_> = values.collect::<Result<_, _>>().map_err(refuse)?;
    if values.is_empty() {
        return Err(refuse("must not be empty".to_owned()));
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
