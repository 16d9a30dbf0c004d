use std::collections::HashSet;

use serde_json::Value;

use super::claims::{ClaimPath, ClaimSet};
use super::header::Header;
use super::issuer::TrustedIssuer;

/// The most scopes of one token.
const MAX_SCOPES: usize = 512;

/// The rules for a token of this issuer, except for its time and its signature.
pub(super) fn check(
    issuer: &TrustedIssuer,
    header: &Header,
    claims: &ClaimSet,
) -> Result<(), &'static str> {
    if !issuer.permits(header.algorithm) {
        return Err("alg is not permitted for the issuer");
    }
    check_audience(issuer, claims)?;
    check_kind(claims)?;
    if issuer.is_strict {
        check_profile(header, claims)?;
    }
    Ok(())
}

fn check_audience(issuer: &TrustedIssuer, claims: &ClaimSet) -> Result<(), &'static str> {
    let named = audiences_of(claims)?;
    match &issuer.audiences {
        Some(ours) if !ours.iter().any(|ours| named.contains(&&**ours)) => {
            Err("aud names none of the configured audiences")
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

/// `sub`, or else the client, which then acts for itself.
pub(super) fn subject_of(claims: &ClaimSet) -> Result<&str, &'static str> {
    let names = ["sub", "client_id", "azp"];
    let subject = names.iter().find_map(|name| claims.get(name));
    let subject = subject
        .ok_or("sub, client_id and azp are missing")?
        .as_str();
    subject
        .filter(|subject| !subject.is_empty())
        .ok_or("sub, client_id or azp is not a string, or is empty")
}

/// The scopes under these paths, each once, in their order.
///
/// A string is split at spaces (RFC 8693 section 4.2). Each element of an array is a scope; an element
/// with a space in it is one scope, which no policy can name.
pub(super) fn scopes_of<'a>(
    claims: &'a ClaimSet,
    paths: &[ClaimPath],
) -> Result<Vec<&'a str>, &'static str> {
    let mut scopes = Vec::new();
    let mut seen = HashSet::new();
    for value in paths.iter().filter_map(|path| path.find(claims)) {
        for scope in
            listed(value).ok_or("a scope claim is neither a string nor an array of strings")?
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

fn listed(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(text.split(' ').collect()),
        Value::Array(elements) => elements.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
