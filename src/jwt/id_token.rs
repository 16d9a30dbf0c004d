use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::algorithm::Algorithm;
use super::claims::ClaimSet;
use super::compact::{Compact, Decoded, Unverified};
use super::header::Header;
use super::issuer::DEFAULT_LEEWAY;
use super::key_source::{KeySource, NewerKeys};
use super::rules::{audiences_of, says_kind};
use super::validity::Validity;
use crate::gate::Mismatch;

/// What an ID token must match.
///
/// The rules are those of OpenID Connect Core 1.0 section 3.1.3.7. The signature is always verified, although
/// the section lets a client skip that for a token from the token endpoint.
pub(crate) struct IdTokenRules<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// `None` after a refresh (section 12.2).
    pub(crate) nonce: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) access_token: &'a str,
    pub(crate) now: SystemTime,
}

/// Why an ID token signs nobody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IdTokenFault {
    Bad(&'static str),
    /// It is of another issuer, or for another client.
    Mismatch(Mismatch),
    /// The key that it names is not at hand, and newer keys could not be fetched.
    KeysUnavailable,
}

impl From<&'static str> for IdTokenFault {
    fn from(detail: &'static str) -> Self {
        Self::Bad(detail)
    }
}

impl From<Mismatch> for IdTokenFault {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(mismatch)
    }
}

impl IdTokenRules<'_> {
    /// The claims of a token that satisfies the rules and is signed by one of these keys.
    pub(crate) async fn verify(
        &self,
        token: &str,
        keys: &dyn KeySource,
    ) -> Result<ClaimSet, IdTokenFault> {
        let compact = Compact::parse(token)?.ok_or("the ID token is not a signed one")?;
        let decoded = Decoded::of(&compact)?;
        self.check(&decoded.header, &decoded.claims)?;
        let known = keys.keys();
        let verified = known.as_ref().map(|keys| decoded.verify(&compact, keys));
        match verified {
            Some(Ok(())) => return Ok(decoded.claims),
            Some(Err(Unverified::Bad(detail))) => return Err(detail.into()),
            Some(Err(Unverified::LacksKey)) | None => {}
        }
        let newer = match keys.newer_than(known.as_ref()) {
            // The issuer may have changed keys that have just been fetched: people who are signed in must
            // not be signed out for that.
            NewerKeys::None | NewerKeys::Unavailable => None,
            NewerKeys::Later(newer) => newer.await,
        };
        let newer = newer.ok_or(IdTokenFault::KeysUnavailable)?;
        match decoded.verify(&compact, &newer) {
            Ok(()) => Ok(decoded.claims),
            Err(Unverified::Bad(detail)) => Err(detail.into()),
            Err(Unverified::LacksKey) => Err("the issuer has no such key".into()),
        }
    }

    /// The claims of a token that satisfies the rules, as if its signature were valid.
    #[cfg(fuzzing)]
    pub(crate) fn claims_of(&self, token: &str) -> Result<ClaimSet, IdTokenFault> {
        let compact = Compact::parse(token)?.ok_or("the ID token is not a signed one")?;
        let decoded = Decoded::of(&compact)?;
        self.check(&decoded.header, &decoded.claims)?;
        Ok(decoded.claims)
    }

    fn check(&self, header: &Header, claims: &ClaimSet) -> Result<(), IdTokenFault> {
        check_kind(header, claims)?;
        let text = |name| claims.get(name).map(|value| value.as_str());
        if text("iss") != Some(Some(self.issuer)) {
            return Err(mismatch("issuer", claims.get("iss"), self.issuer).into());
        }
        let audiences = audiences_of(claims)?;
        if !audiences.contains(&self.client_id) {
            return Err(mismatch("audience", claims.get("aud"), self.client_id).into());
        }
        match text("azp") {
            Some(party) if party != Some(self.client_id) => {
                return Err(mismatch("azp", claims.get("azp"), self.client_id).into());
            }
            None if audiences.len() > 1 => {
                return Err("aud has several audiences, and azp is missing".into());
            }
            _ => {}
        }
        if claims.get("iat").is_none() {
            return Err("the ID token has no iat".into());
        }
        Validity::of(claims, DEFAULT_LEEWAY)?.check(self.now)?;
        if let Some(expected) = self.nonce {
            let nonce = text("nonce").flatten().ok_or("the nonce is missing")?;
            if !bool::from(nonce.as_bytes().ct_eq(expected.as_bytes())) {
                return Err("the nonce is not that of the sign-in".into());
            }
        }
        check_hash(header, claims, "at_hash", self.access_token)?;
        if let Some(code) = self.code {
            check_hash(header, claims, "c_hash", code)?;
        }
        Ok(())
    }
}

/// The token has another value than the expected one, in this part.
fn mismatch(part: &str, given: Option<&Value>, expected: &str) -> Mismatch {
    let given = given.map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Mismatch::new(format!("the ID token's {part}"), given.as_deref()).with_expected([expected])
}

/// Whether it may be an ID token: no other kind must pass for one (RFC 8725 section 3.12).
fn check_kind(header: &Header, claims: &ClaimSet) -> Result<(), &'static str> {
    let symmetric = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
    if symmetric.contains(&header.algorithm) {
        return Err("the ID token is signed by a secret");
    }
    // Logout tokens and other security events have `events` (RFC 8417 section 2.2).
    if header.is_access_token || claims.get("events").is_some() {
        return Err("the token is an access token or a security event");
    }
    if says_kind(
        claims,
        &["Bearer", "Logout", "Offline", "Refresh"],
        "access",
    ) {
        return Err("typ or token_use is not that of an ID token");
    }
    Ok(())
}

/// Compares a hash, if it is present, with the left half of the hash of `text`, by the hash function of
/// the signature (sections 3.1.3.6 and 3.3.2.11).
fn check_hash(
    header: &Header,
    claims: &ClaimSet,
    name: &str,
    text: &str,
) -> Result<(), &'static str> {
    let Some(hash) = claims.get(name) else {
        return Ok(());
    };
    let function = match header.algorithm {
        Algorithm::Hs256 | Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &SHA256,
        Algorithm::Hs384 | Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &SHA384,
        // Ed25519 uses SHA-512 inside.
        Algorithm::Hs512
        | Algorithm::Rs512
        | Algorithm::Ps512
        | Algorithm::Es512
        | Algorithm::EdDsa => &SHA512,
    };
    let whole = digest(function, text.as_bytes());
    let (half, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
    if hash.as_str() != Some(&URL_SAFE_NO_PAD.encode(half)) {
        return Err("at_hash or c_hash does not match the access token or code");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
