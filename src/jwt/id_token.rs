use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use super::algorithm::Algorithm;
use super::claims::ClaimSet;
use super::compact::Compact;
use super::decoded::{Decoded, Unverified};
use super::header::Header;
use super::issuer::DEFAULT_LEEWAY;
use super::key_source::{KeySource, NewerKeys};
use super::rules::{audiences_of, says_kind};
use super::validity::Validity;

/// Whose ID token it has to be, and what it has to go with.
///
/// The rules are those of OpenID Connect Core 1.0 section 3.1.3.7. The signature is always looked at,
/// although what comes from the token endpoint may go without.
pub(crate) struct IdTokenRules<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// Of a sign-in. After a refresh (section 12.2) there is none to compare with.
    pub(crate) nonce: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) access_token: &'a str,
    pub(crate) now: SystemTime,
}

/// Why nobody is signed in by an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdTokenFault {
    Bad(&'static str),
    /// The key that it names is not at hand, and whether there is one cannot be told.
    KeysUnavailable,
}

impl From<&'static str> for IdTokenFault {
    fn from(detail: &'static str) -> Self {
        Self::Bad(detail)
    }
}

impl IdTokenRules<'_> {
    /// The claims of a token that keeps the rules and is signed by one of these keys.
    pub(crate) async fn verify(
        &self,
        token: &str,
        keys: &dyn KeySource,
    ) -> Result<ClaimSet, IdTokenFault> {
        let compact = Compact::parse(token)?.ok_or("the ID token is not a signed one")?;
        let decoded = Decoded::of(&compact)?;
        self.check(&decoded.header, &decoded.claims)?;
        let known = keys.keys();
        let verified = known.as_deref().map(|keys| decoded.verify(&compact, keys));
        match verified {
            Some(Ok(())) => return Ok(decoded.claims),
            Some(Err(Unverified::Bad(detail))) => return Err(detail.into()),
            Some(Err(Unverified::LacksKey)) | None => {}
        }
        let newer = match keys.newer_than(known.as_deref()) {
            // Where they have just been fetched, the issuer may have changed them since: nobody who is
            // signed in is to be signed out for that.
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

    fn check(&self, header: &Header, claims: &ClaimSet) -> Result<(), &'static str> {
        check_kind(header, claims)?;
        let text = |name| claims.get(name).map(|value| value.as_str());
        if text("iss") != Some(Some(self.issuer)) {
            return Err("iss is not the issuer");
        }
        let audiences = audiences_of(claims)?;
        if !audiences.contains(&self.client_id) {
            return Err("the ID token is for another client");
        }
        match text("azp") {
            Some(party) if party != Some(self.client_id) => {
                return Err("azp is another client");
            }
            None if audiences.len() > 1 => return Err("of several audiences, azp names none"),
            _ => {}
        }
        if claims.get("iat").is_none() {
            return Err("the ID token has no iat");
        }
        Validity::of(claims, DEFAULT_LEEWAY)?.check(self.now)?;
        if let Some(expected) = self.nonce {
            let nonce = text("nonce").flatten().ok_or("there is no nonce")?;
            if !bool::from(nonce.as_bytes().ct_eq(expected.as_bytes())) {
                return Err("the nonce is another");
            }
        }
        check_hash(header, claims, "at_hash", self.access_token)?;
        match self.code {
            Some(code) => check_hash(header, claims, "c_hash", code),
            None => Ok(()),
        }
    }
}

/// Whether it may be an ID token: no other kind is to pass for one (RFC 8725 section 3.12).
fn check_kind(header: &Header, claims: &ClaimSet) -> Result<(), &'static str> {
    let symmetric = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
    if symmetric.contains(&header.algorithm) {
        return Err("the ID token is signed by a secret");
    }
    // `events` is a logout token's, or that of another security event (RFC 8417 section 2.2).
    if header.is_access_token || claims.get("events").is_some() {
        return Err("the token is an access token or a security event");
    }
    if says_kind(
        claims,
        &["Bearer", "Logout", "Offline", "Refresh"],
        "access",
    ) {
        return Err("the token says that it is no ID token");
    }
    Ok(())
}

/// Compares a hash, where it is there, with the left half of that of `text`, by the hash function of
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
        // Ed25519 hashes by SHA-512 within.
        Algorithm::Hs512
        | Algorithm::Rs512
        | Algorithm::Ps512
        | Algorithm::Es512
        | Algorithm::EdDsa => &SHA512,
    };
    let whole = digest(function, text.as_bytes());
    let (half, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
    if hash.as_str() != Some(&URL_SAFE_NO_PAD.encode(half)) {
        return Err("at_hash or c_hash is that of another token or code");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
