use std::collections::HashSet;

use serde_json::Value;

use super::algorithm::Algorithm;
use super::claims::{ClaimPath, ClaimSet};
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
pub(super) fn audiences_of(claims: &ClaimSet) -> Result<Vec<&str>, &'static str> {
    let named = match claims.get("aud") {
        None => Some(Vec::new()),
        Some(Value::String(audience)) => Some(vec![audience.as_str()]),
        Some(Value::Array(audiences)) => audiences.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    named.ok_or("aud is neither a string nor an array of strings")
}

/// Whether it may be an access token: no other kind must pass for one (RFC 8725 section 3.12).
fn check_kind(claims: &ClaimSet) -> Result<(), &'static str> {
    // ID tokens have the hashes (OpenID Connect Core section 3.3.2.11); logout tokens and other security
    // events have `events` (RFC 8417 section 2.2).
    let foreign = ["at_hash", "c_hash", "events"];
    if foreign.iter().any(|name| claims.get(name).is_some()) {
        return Err("the token is an ID token or a security event");
    }
    if says_kind(claims, &["ID", "Logout", "Offline", "Refresh"], "id") {
        return Err("typ or token_use is not that of an access token");
    }
    Ok(())
}

/// Whether it names one of these kinds: in `typ` as Keycloak does, or in `token_use` as Amazon Cognito does.
/// Other values of these claims have no meaning here.
pub(super) fn says_kind(claims: &ClaimSet, types: &[&str], token_use: &str) -> bool {
    let text = |name| claims.get(name).and_then(Value::as_str);
    text("typ").is_some_and(|kind| types.contains(&kind)) || text("token_use") == Some(token_use)
}

/// The rules of RFC 9068 sections 2 and 4 beyond those for every token, which require `iss` and `exp`, and
/// the types of `aud` and `iat`.
fn check_profile(header: &Header, claims: &ClaimSet) -> Result<(), &'static str> {
    if !header.is_access_token {
        return Err("typ is not at+jwt");
    }
    let is_text = |name| claims.get(name).is_some_and(Value::is_string);
    if !["sub", "client_id", "jti"].into_iter().all(is_text) {
        return Err("sub, client_id or jti is missing, or not a string");
    }
    if claims.get("aud").is_none() || claims.get("iat").is_none() {
        return Err("aud or iat is missing");
    }
    if claims.get("scope").is_some_and(|scope| !scope.is_string()) {
        return Err("scope is not a string");
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
        let subject = path.find(claims).and_then(Value::as_str);
        return subject
            .filter(|subject| !subject.is_empty())
            .ok_or_else(|| {
                format!("the subject, {path}, is missing, empty or not a string").into()
            });
    }
    let usual = ["sub", "client_id", "azp"];
    let mut named = usual.iter().filter_map(|name| claims.get(name));
    let subject = named.find(|value| !value.is_null() && value.as_str() != Some(""));
    let problem = "sub, client_id and azp are missing or empty, or not a string";
    Ok(subject.and_then(Value::as_str).ok_or(problem)?)
}

/// The scopes under these paths, each once, in their order.
///
/// A string is split at spaces (RFC 8693 section 4.2), if its name says that it holds scopes. Any other string
/// is one scope: a stranger who chooses the value must not choose several. Each element of an array is a
/// scope; one with a space in it cannot be named by a policy.
pub(super) fn scopes_of<'a>(
    claims: &'a ClaimSet,
    paths: &[ClaimPath],
) -> Result<Vec<&'a str>, &'static str> {
    let mut scopes = Vec::new();
    let mut seen = HashSet::new();
    let found = |path| Some((path, ClaimPath::find(path, claims)?));
    for (path, value) in paths.iter().filter_map(found) {
        for scope in listed(path, value)
            .ok_or("a scope claim is neither a string nor an array of strings")?
        {
            if !scope.is_empty() && seen.insert(scope) {
                scopes.push(scope);
            }
        }
    }
    if scopes.len() > MAX_SCOPES {
        return Err("the token has more than 512 scopes");
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
