use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::claims::ClaimSet;

/// The end of the year 9999. A later time is taken as this, so that every one fits every type.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// When a token is valid, in time since 1970 and with the leeway included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    from: Duration,
    until: Duration,
    /// The `exp` of the token.
    pub(super) expires_at: SystemTime,
}

impl Validity {
    /// Reads `exp`, which must be present, `nbf` and `iat`.
    pub(super) fn of(claims: &ClaimSet, leeway: Duration) -> Result<Self, &'static str> {
        let exp = date(claims, "exp")?.ok_or("the token has no exp")?;
        let nbf = date(claims, "nbf")?.unwrap_or_default();
        let iat = date(claims, "iat")?.unwrap_or_default();
        Ok(Self {
            from: nbf.max(iat).saturating_sub(leeway),
            until: exp + leeway,
            expires_at: SystemTime::UNIX_EPOCH + exp,
        })
    }

    pub(super) fn check(&self, now: SystemTime) -> Result<(), &'static str> {
        // A clock before 1970 is wrong, and then everything is in the future.
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        if now >= self.until {
            return Err("the token is expired (exp)");
        }
        if now < self.from {
            return Err("the token is not valid yet (nbf or iat)");
        }
        Ok(())
    }
}

/// A `NumericDate` (RFC 7519 section 2), no earlier than 1970 and no later than [`LAST`].
fn date(claims: &ClaimSet, name: &str) -> Result<Option<Duration>, &'static str> {
    let date = match claims.get(name) {
        None => return Ok(None),
        Some(Value::Number(date)) => date,
        Some(_) => return Err("exp, nbf or iat is not a number"),
    };
    if let Some(seconds) = date.as_u64() {
        return Ok(Some(Duration::from_secs(seconds).min(LAST)));
    }
    // A double is precise enough for an integer below zero or beyond 64 bits.
    let seconds = date.as_f64().ok_or("exp, nbf or iat is not finite")?;
    let seconds = Duration::try_from_secs_f64(seconds.max(0.0));
    Ok(Some(seconds.unwrap_or(LAST).min(LAST)))
}
