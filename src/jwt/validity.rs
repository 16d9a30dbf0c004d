use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::claims::{ClaimSet, differs};
use crate::gate::Mismatch;

/// The end of the year 9999. A later time is taken as this, so that every one fits every type.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// When a token is valid, in time since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    exp: Duration,
    nbf: Duration,
    iat: Duration,
    leeway: Duration,
}

impl Validity {
    /// Reads `exp`, which must be present, `nbf` and `iat`.
    pub(super) fn of(claims: &ClaimSet, leeway: Duration) -> Result<Self, Mismatch> {
        Ok(Self {
            exp: date(claims, "exp")?.ok_or_else(|| not_a_time("exp", None))?,
            nbf: date(claims, "nbf")?.unwrap_or_default(),
            iat: date(claims, "iat")?.unwrap_or_default(),
            leeway,
        })
    }

    /// The `exp` of the token.
    pub(super) fn expires_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.exp
    }

    pub(super) fn includes(&self, now: SystemTime) -> bool {
        let now = since_1970(now);
        now < self.exp + self.leeway && self.nbf.max(self.iat).saturating_sub(self.leeway) <= now
    }

    /// The difference from the time now, if the token is too late or too early.
    pub(super) fn check(&self, now: SystemTime) -> Result<(), Mismatch> {
        if self.includes(now) {
            return Ok(());
        }
        let (now, leeway) = (since_1970(now), self.leeway.as_secs());
        let early = [("nbf", self.nbf), ("iat", self.iat)].into_iter();
        let mut early = early.filter(|(_, from)| from.saturating_sub(self.leeway) > now);
        let Some((name, from)) = early.next() else {
            let ago = now.saturating_sub(self.exp).as_secs();
            let mismatch = Mismatch::new("the token's exp", Some(&format!("{ago} seconds ago")));
            return Err(mismatch.with_expected([format!("less than {leeway} seconds ago")]));
        };
        let ahead = from.saturating_sub(now).as_millis().div_ceil(1000);
        let given = format!("in {ahead} seconds");
        let mismatch = Mismatch::new(format!("the token's {name}"), Some(&given));
        Err(mismatch.with_expected([format!("in at most {leeway} seconds")]))
    }
}

/// A clock before 1970 is wrong, and then everything is in the future.
fn since_1970(now: SystemTime) -> Duration {
    now.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

fn not_a_time(name: &str, given: Option<&Value>) -> Mismatch {
    let mismatch = differs(format!("the token's {name}"), given);
    mismatch.with_expected(["a number of seconds since 1970"])
}

/// A `NumericDate` (RFC 7519 section 2), no earlier than 1970 and no later than [`LAST`].
fn date(claims: &ClaimSet, name: &str) -> Result<Option<Duration>, Mismatch> {
    let given = claims.get(name);
    let date = match given {
        None => return Ok(None),
        Some(Value::Number(date)) => date,
        Some(_) => return Err(not_a_time(name, given)),
    };
    if let Some(seconds) = date.as_u64() {
        return Ok(Some(Duration::from_secs(seconds).min(LAST)));
    }
    // A double is precise enough for an integer below zero or beyond 64 bits.
    let seconds = date.as_f64().ok_or_else(|| not_a_time(name, given))?;
    let seconds = Duration::try_from_secs_f64(seconds.max(0.0));
    Ok(Some(seconds.unwrap_or(LAST).min(LAST)))
}
