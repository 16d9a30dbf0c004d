use std::time::SystemTime;

use super::compact::Compact;
use super::decoded::Decoded;
use super::issuer::TrustedIssuer;
use super::rules;
use super::scopes::scopes_of;
use super::validity::Validity;
use crate::gate::Identity;

/// A token that keeps all the rules of its issuer, if its signature is good.
pub(super) struct Examined {
    /// The place of its issuer among those given.
    pub(super) issuer: usize,
    pub(super) decoded: Decoded,
    pub(super) validity: Validity,
}

impl Examined {
    /// Judges a token by everything that costs little and needs no key, so that none is looked for on
    /// behalf of a token that is worth nothing anyway.
    pub(super) fn of(
        token: &Compact<'_>,
        issuers: &[TrustedIssuer],
        now: SystemTime,
    ) -> Result<Self, &'static str> {
        let decoded = Decoded::of(token)?;
        let claims = &decoded.claims;

        // Nothing of this is trusted yet: it only says whose keys are to judge.
        let name = claims.get("iss").and_then(|iss| iss.as_str());
        let name = name.ok_or("iss is not there, or not a string")?;
        let issuer = issuers.iter().position(|issuer| *issuer.name == *name);
        let issuer = issuer.ok_or("the issuer is not trusted")?;
        rules::check(&issuers[issuer], &decoded.header, claims)?;
        let validity = Validity::of(claims, issuers[issuer].leeway)?;
        validity.check(now)?;
        Ok(Self {
            issuer,
            decoded,
            validity,
        })
    }

    /// Who the token is about, and what is granted. To be asked once the signature was found good.
    pub(super) fn identity(self, issuer: &TrustedIssuer) -> Result<Identity, &'static str> {
        let claims = self.decoded.claims;
        let subject = rules::subject_of(&claims)?;
        let identity = Identity::new("jwt", subject)
            .with_scopes(scopes_of(&claims, issuer.scope_claims())?)
            .with_expires_at(self.validity.expires_at);
        Ok(identity.with_claims(claims))
    }
}

/// What the rules make of a token whose signature is good. `None` for what has not the form of one.
#[cfg(fuzzing)]
pub(crate) fn rule(
    issuers: &[TrustedIssuer],
    token: &str,
    now: SystemTime,
) -> Option<Result<Identity, &'static str>> {
    let token = Compact::parse(token).transpose()?;
    let examined = token.and_then(|token| Examined::of(&token, issuers, now));
    Some(examined.and_then(|examined| {
        let issuer = &issuers[examined.issuer];
        examined.identity(issuer)
    }))
}
