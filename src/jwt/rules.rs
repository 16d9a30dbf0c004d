use serde_json::Value;

use super::claims::ClaimSet;
use super::header::Header;
use super::issuer::TrustedIssuer;

/// All that is asked of a token of this issuer but its time and its signature.
pub(super) fn check(
    issuer: &TrustedIssuer,
    header: &Header,
    claims: &ClaimSet,
) -> Result<(), &'static str> {
    if !issuer.permits(header.algorithm) {
        return Err("the issuer is not to sign by this algorithm");
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
            Err("the token is for another audience")
        }
        _ => Ok(()),
    }
}

/// Those that `aud` names; none where it is not there.
pub(super) fn audiences_of(claims: &ClaimSet) -> Result<Vec<&str>, &'static str> {
    let named = match claims.get("aud") {
        None => Some(Vec::new()),
        Some(Value::String(audience)) => Some(vec![audience.as_str()]),
        Some(Value::Array(audiences)) => audiences.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    named.ok_or("aud is neither a string nor an array of them")
}

/// Whether it may be an access token: no other kind is to pass for one (RFC 8725 section 3.12).
fn check_kind(claims: &ClaimSet) -> Result<(), &'static str> {
    // The hashes are an ID token's (OpenID Connect Core section 3.3.2.11), `events` a logout token's or
    // that of another security event (RFC 8417 section 2.2).
    let foreign = ["at_hash", "c_hash", "events"];
    if foreign.iter().any(|name| claims.get(name).is_some()) {
        return Err("the token is an ID token or a security event");
    }
    if says_kind(claims, &["ID", "Logout", "Offline", "Refresh"], "id") {
        return Err("the token says that it is no access token");
    }
    Ok(())
}

/// Whether it says that it is of one of these kinds: in `typ` as Keycloak has it, or in `token_use` as
/// Amazon Cognito does. What others keep under these names says nothing here.
pub(super) fn says_kind(claims: &ClaimSet, types: &[&str], token_use: &str) -> bool {
    let said = |name| claims.get(name).and_then(Value::as_str);
    said("typ").is_some_and(|kind| types.contains(&kind)) || said("token_use") == Some(token_use)
}

/// What RFC 9068 sections 2 and 4 ask beyond the rules for every token, by which `iss` and `exp` are
/// there, and `aud` and `iat` of their types.
fn check_profile(header: &Header, claims: &ClaimSet) -> Result<(), &'static str> {
    if !header.is_access_token {
        return Err("typ is not at+jwt");
    }
    let is_text = |name| claims.get(name).is_some_and(Value::is_string);
    if !["sub", "client_id", "jti"].into_iter().all(is_text) {
        return Err("sub, client_id or jti is not there, or not a string");
    }
    if claims.get("aud").is_none() || claims.get("iat").is_none() {
        return Err("aud or iat is not there");
    }
    if claims.get("scope").is_some_and(|scope| !scope.is_string()) {
        return Err("scope is not a string");
    }
    Ok(())
}

/// `sub`; where there is none, the client, which then acts for itself.
pub(super) fn subject_of(claims: &ClaimSet) -> Result<&str, &'static str> {
    let names = ["sub", "client_id", "azp"];
    let subject = names.iter().find_map(|name| claims.get(name));
    let subject = subject.ok_or("the token names nobody")?.as_str();
    subject
        .filter(|subject| !subject.is_empty())
        .ok_or("the subject is not a string, or is empty")
}
