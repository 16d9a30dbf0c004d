use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use http::header::RETRY_AFTER;
use zeroize::Zeroizing;

use super::cache::Cache;
use super::issuer::TrustedIssuer;
use super::judge::{Fault, Judge};
use super::key_source::NewerKeys;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::gate::{Admission, Decision, Refusal, TokenVerifier, Verdict};

const DEFAULT_CAPACITY: usize = 4096;

/// Verifies the signed tokens of trusted issuers.
///
/// See the [module docs](crate::jwt) for the rules. A clone costs a counter and shares everything; each
/// `with_*` makes a verifier with its own cache.
#[derive(Clone)]
#[must_use]
pub struct JwtVerifier {
    judge: Arc<Judge>,
    capacity: usize,
}

impl JwtVerifier {
    /// Trusts these issuers; a token's `iss` selects one of them.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no issuer, or if one is given twice.
    ///
    /// # Panics
    ///
    /// Panics if the system has no random numbers, as do the other methods that return a verifier.
    pub fn new(issuers: impl IntoIterator<Item = TrustedIssuer>) -> Result<Self, ConfigError> {
        let issuers: Arc<[TrustedIssuer]> = issuers.into_iter().collect();
        if issuers.is_empty() {
            return Err(ConfigError::new("issuers", "there must be at least one"));
        }
        for (i, issuer) in issuers.iter().enumerate() {
            if issuers[..i].iter().any(|other| other.name == issuer.name) {
                let problem = format!("{:?} is given twice", issuer.name);
                return Err(ConfigError::new("issuers", problem));
            }
        }
        let clock = Arc::new(SystemClock);
        Ok(Self::build(issuers, clock, DEFAULT_CAPACITY))
    }

    /// Reads the time from `clock`.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        let issuers = Arc::clone(&self.judge.issuers);
        Self::build(issuers, Arc::new(clock), self.capacity)
    }

    /// Remembers up to this many good tokens (default 4096), rounded up to a multiple of four. With zero,
    /// every token is verified each time.
    ///
    /// A token takes about as much memory as its claims.
    pub fn with_cache_capacity(self, tokens: usize) -> Self {
        let (issuers, clock) = (&self.judge.issuers, &self.judge.clock);
        Self::build(Arc::clone(issuers), Arc::clone(clock), tokens)
    }

    fn build(issuers: Arc<[TrustedIssuer]>, clock: Arc<dyn Clock>, capacity: usize) -> Self {
        let judge = Judge {
            issuers,
            clock,
            cache: (capacity > 0).then(|| Cache::new(capacity)),
        };
        Self {
            judge: Arc::new(judge),
            capacity,
        }
    }
}

impl TokenVerifier for JwtVerifier {
    fn verify(&self, token: &str) -> Decision {
        let (issuer, missing) = match self.judge.judge(token, None) {
            Ok(identity) => return Decision::admit(identity),
            Err(Fault::Foreign) => return Decision::Absent,
            Err(Fault::Bad(detail)) => return Decision::refuse(Refusal::invalid(detail)),
            Err(Fault::Denied(claim)) => return Decision::refuse(Refusal::forbidden(claim)),
            Err(Fault::LacksKey(issuer, missing)) => (issuer, missing),
        };
        match issuer.keys.newer_than(missing.among.as_ref()) {
            NewerKeys::None => Decision::refuse(Refusal::invalid(missing.detail)),
            NewerKeys::Unavailable => Decision::refuse(no_keys()),
            NewerKeys::Later(newer) => {
                let judge = Arc::clone(&self.judge);
                let token = Zeroizing::new(token.to_owned());
                Decision::later(async move {
                    let Some(newer) = newer.await else {
                        return Verdict::Refuse(no_keys());
                    };
                    match judge.judge(&token, Some(newer)) {
                        Ok(identity) => Verdict::Admit(Admission::new(identity)),
                        Err(Fault::Bad(detail)) => Verdict::Refuse(Refusal::invalid(detail)),
                        Err(Fault::Denied(claim)) => Verdict::Refuse(Refusal::forbidden(claim)),
                        Err(Fault::LacksKey(_, missing)) => {
                            Verdict::Refuse(Refusal::invalid(missing.detail))
                        }
                        Err(Fault::Foreign) => Verdict::Refuse(Refusal::missing()),
                    }
                })
            }
        }
    }
}

fn no_keys() -> Refusal {
    let refusal = Refusal::unavailable("the issuer's keys could not be fetched");
    refusal.with_header(RETRY_AFTER, HeaderValue::from_static("5"))
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifier")
            .field("issuers", &self.judge.issuers)
            .field("cache_capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
