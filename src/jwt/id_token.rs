use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::algorithm::Algorithm;
use super::claims::{ClaimSet, differs};
use super::compact::{Compact, Decoded, Unverified};
use super::header::Header;
use super::issuer::DEFAULT_LEEWAY;
use super::key_source::{KeySource, NewerKeys};
use super::rules::{audiences_of, foreign_kind};
use super::validity::Validity;
use crate::gate::{Mismatch, RefusalDetail};

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
#[derive(Clone, Debug)]
pub(crate) enum IdTokenFault {
    Bad(RefusalDetail),
    /// The key that it names is not at hand, and newer keys could not be fetched.
    KeysUnavailable,
}

impl<T: Into<RefusalDetail>> From<T> for IdTokenFault {
    fn from(detail: T) -> Self {
        Self::Bad(detail.into())
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
            Some(Err(Unverified::LacksKey(_))) | None => {}
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
            Err(Unverified::LacksKey(mismatch)) => Err(mismatch.into()),
        }
    }

    /// The claims of a token that satisfies the rules, as if its signature were valid.
    #[cfg(fuzzing)]
    pub(crate) fn claims_of(&self, token: &str) -> Result<ClaimSet, RefusalDetail> {
        let compact = Compact::parse(token)?.ok_or("the ID token is not a signed one")?;
        let decoded = Decoded::of(&compact)?;
        self.check(&decoded.header, &decoded.claims)?;
        Ok(decoded.claims)
    }

    fn check(&self, header: &Header, claims: &ClaimSet) -> Result<(), RefusalDetail> {
        check_kind(header, claims)?;
        let text = |name| claims.get(name).and_then(|value| value.as_str());
        if text("iss") != Some(self.issuer) {
            let mismatch = differs("the ID token's issuer", claims.get("iss"));
            return Err(mismatch.with_expected([self.issuer]).into());
        }
        let audiences = audiences_of(claims)?;
        if !audiences.contains(&self.client_id) {
            let given = (!audiences.is_empty()).then(|| audiences.join(" and "));
            let mismatch = Mismatch::new("the ID token's audience", given.as_deref());
            return Err(mismatch.with_expected([self.client_id]).into());
        }
        let party = claims.get("azp");
        let needs_party = party.is_some() || audiences.len() > 1;
        if needs_party && text("azp") != Some(self.client_id) {
            let mismatch = differs("the ID token's azp", party);
            return Err(mismatch.with_expected([self.client_id]).into());
        }
        if claims.get("iat").is_none() {
            let mismatch = Mismatch::new("the ID token's iat", None);
            return Err(mismatch.with_expected(["a time"]).into());
        }
        Validity::of(claims, DEFAULT_LEEWAY)?.check(self.now)?;
        if let Some(expected) = self.nonce {
            let nonce = text("nonce").ok_or("the nonce is missing")?;
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

/// Whether it may be an ID token: no other kind must pass for one (RFC 8725 section 3.12).
fn check_kind(header: &Header, claims: &ClaimSet) -> Result<(), Mismatch> {
    let symmetric = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
    if symmetric.contains(&header.algorithm) {
        let mismatch = Mismatch::new("the ID token's alg", Some(header.algorithm.name()));
        return Err(mismatch.with_expected(["one by a public key"]));
    }
    let of_header = header
        .is_access_token()
        .then_some("an access token, by its typ");
    // Logout tokens and other security events have `events` (RFC 8417 section 2.2).
    let events = claims.get("events");
    let kind = of_header.or(events.map(|_| "a security event, by its claim events"));
    if let Some(kind) = kind {
        return Err(Mismatch::new("the token", Some(kind)).with_expected(["an ID token"]));
    }
    let types = ["Bearer", "Logout", "Offline", "Refresh"];
    match foreign_kind(claims, &types, "access") {
        Some(kind) => Err(kind.with_expected(["that of an ID token"])),
        None => Ok(()),
    }
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
