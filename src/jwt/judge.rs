use std::sync::Arc;
use std::time::SystemTime;

use super::cache::{Cache, Verified};
use super::compact::Compact;
use super::decoded::Unverified;
use super::examined::Examined;
use super::issuer::TrustedIssuer;
use super::key_set::KeySet;
use crate::clock::Clock;
use crate::gate::Identity;

/// Judges tokens, and remembers the good ones.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) issuers: Arc<[TrustedIssuer]>,
    pub(super) clock: Arc<dyn Clock>,
    /// `None`: every token is verified.
    pub(super) cache: Option<Cache>,
}

/// Why nobody is admitted by a token.
pub(super) enum Fault<'a> {
    /// It has not the form of one.
    Foreign,
    /// It is not good.
    Bad(&'static str),
    /// It may be good, by a key that is not among these.
    LacksKey(&'a TrustedIssuer, Option<Arc<KeySet>>),
}

impl From<&'static str> for Fault<'_> {
    fn from(detail: &'static str) -> Self {
        Self::Bad(detail)
    }
}

impl Judge {
    /// Judges by the keys that its issuer has at hand, or by `newer` ones.
    pub(super) fn judge(
        &self,
        token: &str,
        newer: Option<Arc<KeySet>>,
    ) -> Result<Identity, Fault<'_>> {
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

    /// Whether what was found of a token holds now, with the keys that its issuer has now.
    fn holds(&self, verified: &Verified, now: SystemTime) -> bool {
        let keys = self.issuers[verified.issuer].keys.keys();
        keys.is_some_and(|keys| keys.generation() == verified.generation)
            && verified.validity.check(now).is_ok()
    }

    fn verify(
        &self,
        token: &Compact<'_>,
        newer: Option<Arc<KeySet>>,
        now: SystemTime,
    ) -> Result<Verified, Fault<'_>> {
        let examined = Examined::of(token, &self.issuers, now)?;
        let issuer = &self.issuers[examined.issuer];
        let Some(keys) = newer.or_else(|| issuer.keys.keys()) else {
            return Err(Fault::LacksKey(issuer, None));
        };
        match examined.decoded.verify(token, &keys) {
            Ok(()) => {}
            Err(Unverified::Bad(detail)) => return Err(Fault::Bad(detail)),
            Err(Unverified::LacksKey) => return Err(Fault::LacksKey(issuer, Some(keys))),
        }
        Ok(Verified {
            validity: examined.validity,
            issuer: examined.issuer,
            generation: keys.generation(),
            identity: examined.identity(issuer)?,
        })
    }
}
