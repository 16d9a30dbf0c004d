use std::sync::Arc;
use std::time::SystemTime;

use super::cache::{Cache, Verified};
use super::claims::differs;
use super::compact::{Compact, Decoded, Unverified};
use super::issuer::TrustedIssuer;
use super::key_set::KeySet;
use super::rules;
use super::validity::Validity;
use crate::clock::Clock;
use crate::gate::{Identity, Mismatch, RefusalDetail};

/// Judges tokens, and remembers the good ones.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) issuers: Arc<[TrustedIssuer]>,
    pub(super) clock: Arc<dyn Clock>,
    /// `None`: every token is verified.
    pub(super) cache: Option<Cache>,
}

/// Why a token admits nobody.
pub(super) enum Fault<'a> {
    /// It does not have the form of one.
    Foreign,
    /// It is not good.
    Bad(RefusalDetail),
    /// It is good, and not for this place.
    Denied(Mismatch),
    /// It may be good, by a key that is not among these.
    LacksKey(&'a TrustedIssuer, Missing),
}

/// The keys of which none is the token's.
pub(super) struct Missing {
    /// `None`: there are no keys.
    pub(super) among: Option<KeySet>,
    /// What the token names, and what there is.
    pub(super) detail: RefusalDetail,
}

impl<T: Into<RefusalDetail>> From<T> for Fault<'_> {
    fn from(detail: T) -> Self {
        Self::Bad(detail.into())
    }
}

impl Judge {
    /// Judges a token by the keys that its issuer has at hand, or by `newer` ones.
    pub(super) fn judge(&self, token: &str, newer: Option<KeySet>) -> Result<Identity, Fault<'_>> {
        let compact = Compact::parse(token)?.ok_or(Fault::Foreign)?;
        let now = self.clock.now();
        let Some(cache) = &self.cache else {
            return Ok(self.verify(&compact, newer, now)?.identity);
        };
        let digest = cache.digest(token);
        if let Some(identity) = cache.find(&digest, |verified| self.holds(verified, now)) {
            return Ok(identity);
        }
        let verified = self.verify(&compact, newer, now)?;
        let identity = verified.identity.clone();
        cache.insert(digest, verified, now);
        Ok(identity)
    }

    /// Whether a token is still good by time and by the keys that its issuer has now.
    fn holds(&self, verified: &Verified, now: SystemTime) -> bool {
        let keys = self.issuers[verified.issuer].keys.keys();
        keys.is_some_and(|keys| keys.generation() == verified.generation)
            && verified.validity.includes(now)
    }

    fn verify(
        &self,
        token: &Compact<'_>,
        newer: Option<KeySet>,
        now: SystemTime,
    ) -> Result<Verified, Fault<'_>> {
        let examined = Examined::of(token, &self.issuers, now)?;
        let issuer = &self.issuers[examined.issuer];
        let Some(keys) = newer.or_else(|| issuer.keys.keys()) else {
            let missing = Missing {
                among: None,
                detail: "there are no keys of the token's issuer".into(),
            };
            return Err(Fault::LacksKey(issuer, missing));
        };
        match examined.decoded.verify(token, &keys) {
            Ok(()) => {}
            Err(Unverified::Bad(detail)) => return Err(detail.into()),
            Err(Unverified::LacksKey(mismatch)) => {
                let missing = Missing {
                    among: Some(keys),
                    detail: mismatch.into(),
                };
                return Err(Fault::LacksKey(issuer, missing));
            }
        }
        if let Some(policy) = &issuer.required_claims {
            let denied = policy.check(&examined.decoded.claims);
            denied.map_err(Fault::Denied)?;
        }
        Ok(Verified {
            validity: examined.validity,
            issuer: examined.issuer,
            generation: keys.generation(),
            identity: examined.identity(issuer)?,
        })
    }
}

/// A token that satisfies all the rules of its issuer, except that its signature is not verified yet.
pub(super) struct Examined {
    /// The place of its issuer among those given.
    pub(super) issuer: usize,
    pub(super) decoded: Decoded,
    pub(super) validity: Validity,
}

impl Examined {
    /// Judges a token by everything that costs little and needs no key, so that no key is fetched for a token
    /// that is bad anyway.
    pub(super) fn of(
        token: &Compact<'_>,
        issuers: &[TrustedIssuer],
        now: SystemTime,
    ) -> Result<Self, RefusalDetail> {
        let decoded = Decoded::of(token)?;
        let claims = &decoded.claims;

        // This is not trusted yet: it only selects the keys.
        let given = claims.get("iss");
        let name = given.and_then(|iss| iss.as_str());
        let issuer = issuers.iter().position(|it| Some(&*it.name) == name);
        let issuer = issuer.ok_or_else(|| {
            let trusted = issuers.iter().map(|issuer| &*issuer.name);
            differs("the token's issuer", given).with_expected(trusted)
        })?;
        rules::check(&issuers[issuer], &decoded.header, claims)?;
        let validity = Validity::of(claims, issuers[issuer].leeway)?;
        validity.check(now)?;
        Ok(Self {
            issuer,
            decoded,
            validity,
        })
    }

    /// The subject and the scopes of the token. Call it after the signature has been verified.
    pub(super) fn identity(self, issuer: &TrustedIssuer) -> Result<Identity, RefusalDetail> {
        let claims = self.decoded.claims;
        let subject = rules::subject_of(&claims, issuer.subject_claim.as_ref())?;
        let identity = Identity::new("jwt", subject)
            .with_scopes(rules::scopes_of(&claims, issuer.scope_claims())?)
            .with_expires_at(self.validity.expires_at());
        Ok(identity.with_claims(claims))
    }
}

/// The verdict of the rules on a token whose signature is good. `None` for text of another form.
#[cfg(fuzzing)]
pub(crate) fn rule(
    issuers: &[TrustedIssuer],
    token: &str,
    now: SystemTime,
) -> Option<Result<Identity, RefusalDetail>> {
    let token = Compact::parse(token).transpose()?;
    let examined = token.map_err(RefusalDetail::from);
    let examined = examined.and_then(|token| Examined::of(&token, issuers, now));
    Some(examined.and_then(|examined| {
        let issuer = &issuers[examined.issuer];
        examined.identity(issuer)
    }))
}
