use std::collections::HashSet;

use serde_json::Value;

use super::algorithm::Algorithm;
use super::claims::{ClaimPath, ClaimSet, differs};
use super::header::Header;
use super::issuer::TrustedIssuer;
use crate::gate::{Mismatch, RefusalDetail};

/// The most scopes of one token.
const MAX_SCOPES: usize = 512;

/// The rules for a token of this issuer, except for its time and its signature.
pub(super) fn check(
    issuer: &TrustedIssuer,
    header: &Header,
    claims: &ClaimSet,
) -> Result<(), RefusalDetail> {
    if !issuer.permits(header.algorithm) {
        let given = header.algorithm.to_string();
        let expected = issuer.algorithms().iter().map(Algorithm::to_string);
        return Err(Mismatch::new("the token's alg", Some(&given))
            .with_expected(expected)
            .into());
    }
    check_audience(issuer, claims)?;
    check_kind(claims)?;
    if issuer.is_strict {
        check_profile(header, claims)?;
    }
    Ok(())
}

fn check_audience(issuer: &TrustedIssuer, claims: &ClaimSet) -> Result<(), RefusalDetail> {
    let named = audiences_of(claims)?;
    match &issuer.audiences {
        Some(ours) if !ours.iter().any(|ours| named.contains(&&**ours)) => {
            let given = (!named.is_empty()).then(|| named.join(" and "));
            let mismatch = Mismatch::new("the token's audience", given.as_deref());
            Err(mismatch.with_expected(ours.iter().cloned()).into())
        }
        _ => Ok(()),
    }
}

/// The audiences in `aud`; none if it is absent.
pub(super) fn audiences_of(claims: &ClaimSet) -> Result<Vec<&str>, Mismatch> {
    let given = claims.get("aud");
    let named = match given {
        None => Some(Vec::new()),
        Some(Value::String(audience)) => Some(vec![audience.as_str()]),
        Some(Value::Array(audiences)) => audiences.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    named.ok_or_else(|| {
        let mismatch = differs("the token's audience", given);
        mismatch.with_expected(["a string or an array of strings"])
    })
}

/// Whether it may be an access token: no other kind must pass for one (RFC 8725 section 3.12).
fn check_kind(claims: &ClaimSet) -> Result<(), Mismatch> {
    // ID tokens have the hashes (OpenID Connect Core section 3.3.2.11); logout tokens and other security
    // events have `events` (RFC 8417 section 2.2).
    let foreign = ["at_hash", "c_hash", "events"];
    if let Some(name) = foreign.iter().find(|name| claims.get(name).is_some()) {
        let given = format!("an ID token or a security event, by its claim {name}");
        return Err(Mismatch::new("the token", Some(&given)).with_expected(["an access token"]));
    }
    match foreign_kind(claims, &["ID", "Logout", "Offline", "Refresh"], "id") {
        Some(kind) => Err(kind.with_expected(["that of an access token"])),
        None => Ok(()),
    }
}

/// The kind that it names, if it is one of these: in `typ` as Keycloak does, or in `token_use` as Amazon
/// Cognito does. Other values of these claims have no meaning here.
pub(super) fn foreign_kind(claims: &ClaimSet, types: &[&str], token_use: &str) -> Option<Mismatch> {
    let kinds = [("typ", types), ("token_use", &[token_use])];
    kinds.into_iter().find_map(|(name, kinds)| {
        let kind = claims.get(name)?.as_str()?;
        let what = || format!("the token's claim {name}");
        kinds
            .contains(&kind)
            .then(|| Mismatch::new(what(), Some(kind)))
    })
}

/// The rules of RFC 9068 sections 2 and 4 beyond those for every token, which require `iss` and `exp`, and
/// the types of `aud` and `iat`.
fn check_profile(header: &Header, claims: &ClaimSet) -> Result<(), Mismatch> {
    if !header.is_access_token() {
        let mismatch = Mismatch::new("the token's typ", header.typ.as_deref());
        return Err(mismatch.with_expected(["at+jwt"]));
    }
    let is_text = |name| claims.get(name).is_some_and(Value::is_string);
    let is_there = |name| claims.get(name).is_some();
    let is_text_if_there = |name| claims.get(name).is_none_or(Value::is_string);
    for (name, holds, expected) in [
        ("sub", is_text("sub"), "a string"),
        ("client_id", is_text("client_id"), "a string"),
        ("jti", is_text("jti"), "a string"),
        ("aud", is_there("aud"), "an audience"),
        ("iat", is_there("iat"), "a time"),
        ("scope", is_text_if_there("scope"), "a string"),
    ] {
        if !holds {
            let mismatch = differs(format!("the token's claim {name}"), claims.get(name));
            return Err(mismatch.with_expected([expected]));
        }
    }
    Ok(())
}

/// The configured claim; by default `sub`, or else the client, which then acts for itself. One that is null or
/// empty counts as absent: Cloudflare sends an empty `sub` for service tokens.
pub(super) fn subject_of<'a>(
    claims: &'a ClaimSet,
    configured: Option<&ClaimPath>,
) -> Result<&'a str, RefusalDetail> {
    if let Some(path) = configured {
        let given = path.find(claims);
        let subject = given.and_then(Value::as_str);
        return subject
            .filter(|subject| !subject.is_empty())
            .ok_or_else(|| {
                let mismatch = differs(format!("the subject, the token's claim {path},"), given);
                mismatch
                    .with_expected(["a string that is not empty"])
                    .into()
            });
    }
    let usual = ["sub", "client_id", "azp"];
    let mut named = usual.iter().filter_map(|name| claims.get(name));
    let subject = named.find(|value| !value.is_null() && value.as_str() != Some(""));
    subject.and_then(Value::as_str).ok_or_else(|| {
        let mismatch = differs("the token's claim sub, client_id or azp", subject);
        mismatch
            .with_expected(["a string that is not empty"])
            .into()
    })
}

/// The scopes under these paths, each once, in their order.
///
/// A string is split at spaces (RFC 8693 section 4.2), if its name says that it holds scopes. Any other string
/// is one scope: a stranger who chooses the value must not choose several. Each element of an array is a
/// scope; one with a space in it cannot be named by a policy.
pub(super) fn scopes_of<'a>(
    claims: &'a ClaimSet,
    paths: &[ClaimPath],
) -> Result<Vec<&'a str>, Mismatch> {
    let mut scopes = Vec::new();
    let mut seen = HashSet::new();
    let found = |path| Some((path, ClaimPath::find(path, claims)?));
    for (path, value) in paths.iter().filter_map(found) {
        let listed = listed(path, value).ok_or_else(|| {
            let mismatch = differs(format!("the token's claim {path}"), Some(value));
            mismatch.with_expected(["a string or an array of strings"])
        })?;
        for scope in listed {
            if !scope.is_empty() && seen.insert(scope) {
                scopes.push(scope);
            }
        }
    }
    if scopes.len() > MAX_SCOPES {
        let given = scopes.len().to_string();
        let mismatch = Mismatch::new("the number of the token's scopes", Some(&given));
        return Err(mismatch.with_expected([format!("at most {MAX_SCOPES}")]));
    }
    Ok(scopes)
}

fn listed<'a>(path: &ClaimPath, value: &'a Value) -> Option<Vec<&'a str>> {
    match value {
        Value::String(text) if path.is_of_scopes() => Some(text.split(' ').collect()),
        Value::String(text) => Some(vec![text]),
        Value::Array(elements) => elements.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
