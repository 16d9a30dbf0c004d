use std::fmt;
use std::sync::Arc;

use super::digest::TokenDigest;
use super::format::TokenFormat;
use super::record::TokenRecord;
use super::store::{Lookup, TokenStore, TokenStoreError};
use crate::clock::{Clock, SystemClock};
use crate::gate::{Admission, Decision, Refusal, TokenVerifier, Verdict};

/// Verifies tokens by a store, for [`TokenAuthLayer`](crate::TokenAuthLayer).
///
/// See the [module docs](crate::token) for the tokens that it admits. A clone is cheap and shares
/// everything.
#[derive(Clone)]
#[must_use]
pub struct Tokens {
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Shared {
    format: TokenFormat,
    store: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    /// Verifies tokens of the default format, with the prefix `pcl`.
    pub fn new(store: impl TokenStore) -> Self {
        let shared = Shared {
            format: TokenFormat::default(),
            store: Arc::new(store),
            clock: Arc::new(SystemClock),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Verifies tokens of this format instead.
    pub fn with_format(self, format: TokenFormat) -> Self {
        self.with(|shared| shared.format = format)
    }

    /// Sets the clock (default [`SystemClock`]).
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|shared| shared.clock = Arc::new(clock))
    }

    fn with(mut self, set: impl FnOnce(&mut Shared)) -> Self {
        set(Arc::make_mut(&mut self.shared));
        self
    }

    fn judge(&self, found: Result<Option<TokenRecord>, TokenStoreError>) -> Verdict {
        let record = match found {
            Ok(Some(record)) => record,
            Ok(None) => return Verdict::Refuse(Refusal::invalid("unknown token")),
            Err(error) => {
                let refusal = Refusal::unavailable("the token could not be looked up");
                return Verdict::Refuse(refusal.with_source(error));
            }
        };
        if record.is_revoked() {
            return Verdict::Refuse(Refusal::invalid("revoked token"));
        }
        if record.is_expired_at(self.shared.clock.now()) {
            return Verdict::Refuse(Refusal::invalid("expired token"));
        }
        Verdict::Admit(Admission::new(record.into_identity()))
    }
}

impl TokenVerifier for Tokens {
    fn verify(&self, token: &str) -> Decision {
        if !self.shared.format.recognise(token) {
            return Decision::Absent;
        }
        let digest = TokenDigest::of(token);
        match self.shared.store.find(&digest) {
            Lookup::Now(found) => Decision::Now(self.judge(found)),
            Lookup::Later(found) => {
                let tokens = self.clone();
                Decision::later(async move { tokens.judge(found.await) })
            }
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("format", &self.shared.format)
            .finish_non_exhaustive()
    }
}
