use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::provider::{Grant, Refreshed};
use super::seconds::Seconds;
use crate::gate::Identity;
use crate::jwt::ClaimSet;
use crate::secret::Secret;
use crate::session::random;

/// The first byte of a serialised session. With any other, it is not read, and the person signs in again.
const VERSION: u8 = 1;

/// Fits most sessions, since a growing buffer would leave copies of tokens behind.
const USUAL_SIZE: usize = 4096;

/// A session that is not found, or that the provider ends, this soon after its start counts as lost.
const SOON: Duration = Duration::from_mins(1);

/// The random id of a session. It is a credential and never printed.
pub(super) type SessionId = [u8; 32];

/// The session of a person who has signed in.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Session {
    #[serde(skip)]
    pub(super) id: SessionId,
    #[serde(rename = "u")]
    pub(super) subject: String,
    #[serde(rename = "c", with = "claims")]
    pub(super) claims: ClaimSet,
    #[serde(rename = "o")]
    pub(super) scopes: Vec<String>,
    #[serde(rename = "t")]
    pub(super) tokens: ProviderTokens,
    #[serde(rename = "b")]
    pub(super) started: Seconds,
    #[serde(rename = "s")]
    pub(super) seen: Seconds,
    /// When the user endpoint was last asked.
    #[serde(rename = "k")]
    pub(super) checked: Seconds,
    /// How many sessions of this browser in a row were lost before it.
    #[serde(rename = "l", default, skip_serializing_if = "is_zero")]
    pub(super) losses: u8,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes it like this"
)]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// The tokens of the provider that are needed later.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct ProviderTokens {
    /// For the user endpoint.
    #[serde(
        rename = "a",
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret"
    )]
    pub(super) access: Option<Secret>,
    #[serde(
        rename = "r",
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret"
    )]
    pub(super) refresh: Option<Secret>,
    /// Tells the provider who signs out. Optional.
    #[serde(
        rename = "i",
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret"
    )]
    pub(super) id: Option<Secret>,
    /// How often the tokens were refreshed. Of two copies of a session, the higher one has the valid
    /// tokens.
    #[serde(rename = "n")]
    pub(super) generation: u64,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) renewal: Option<Renewal>,
}

/// When to renew the access token, and when it expires.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(super) struct Renewal {
    #[serde(rename = "f")]
    pub(super) from: Seconds,
    #[serde(rename = "e")]
    pub(super) end: Seconds,
}

impl Renewal {
    /// One minute before the end, or half of a shorter lifetime, since otherwise every request would
    /// refresh.
    pub(super) fn before(end: Seconds, now: Seconds) -> Self {
        let margin = (end.since(now) / 2).min(Duration::from_mins(1));
        let from = end.minus(margin);
        Self { from, end }
    }
}

impl Session {
    /// A session of a grant, under a new id.
    pub(super) fn begin(grant: Grant, keeps_access_token: bool, now: Seconds) -> Self {
        let end = grant.expires_at.map(Seconds::of);
        Self {
            id: random(),
            subject: grant.subject,
            claims: grant.claims,
            scopes: grant.scopes,
            tokens: ProviderTokens {
                access: keeps_access_token.then_some(grant.access_token),
                refresh: grant.refresh_token,
                id: grant.id_token,
                generation: 0,
                renewal: end.map(|end| Renewal::before(end, now)),
            },
            started: now,
            seen: now,
            checked: now,
            losses: 0,
        }
    }

    /// How many sessions of this browser in a row were lost, if this one is.
    pub(super) fn lost_at(&self, now: Seconds) -> u8 {
        losses_after(self.losses, self.started, now)
    }

    /// Takes the result of a refresh.
    pub(super) fn renew(&mut self, new: Refreshed, keeps_access_token: bool, now: Seconds) {
        let end = new.expires_at.map(Seconds::of);
        self.tokens = ProviderTokens {
            access: keeps_access_token.then_some(new.access_token),
            refresh: Some(new.refresh_token),
            id: new.id_token.or(self.tokens.id.take()),
            generation: self.tokens.generation + 1,
            renewal: end.map(|end| Renewal::before(end, now)),
        };
        if let Some(claims) = new.claims {
            self.claims = claims;
        }
        if let Some(scopes) = new.scopes {
            self.scopes = scopes;
        }
    }

    /// Whether this copy was refreshed more often than the other.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        self.tokens.generation > other.tokens.generation
    }

    /// Whether the access token is due for renewal and can be renewed.
    pub(super) fn is_due_for_refresh(&self, now: Seconds) -> bool {
        let renewal = self.tokens.renewal;
        self.tokens.refresh.is_some() && renewal.is_some_and(|renewal| now >= renewal.from)
    }

    /// Whether the access token has not expired, as far as is known.
    pub(super) fn has_good_token(&self, now: Seconds) -> bool {
        self.tokens.renewal.is_none_or(|renewal| now < renewal.end)
    }

    /// Takes the result of a refresh from another copy of this session.
    pub(super) fn take_tokens_of(&mut self, other: &Self) {
        self.tokens = other.tokens.clone();
        self.claims = other.claims.clone();
        self.scopes.clone_from(&other.scopes);
    }

    /// Takes the result of a recheck from another copy of this session.
    pub(super) fn take_check_of(&mut self, other: &Self) {
        self.claims = other.claims.clone();
        self.checked = other.checked;
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, json) = bytes.strip_prefix(&[VERSION])?.split_first_chunk()?;
        let session: Self = serde_json::from_slice(json).ok()?;
        Some(Self { id: *id, ..session })
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(USUAL_SIZE));
        bytes.push(VERSION);
        bytes.extend(self.id);
        // It contains only strings, numbers and JSON, and writing to a `Vec` does not fail.
        serde_json::to_writer(&mut *bytes, self).expect("a session is JSON");
        bytes
    }

    pub(super) fn into_identity(self, lifetime: Duration) -> Identity {
        Identity::new("sso", self.subject)
            .with_scopes(self.scopes)
            .with_expires_at(self.started.plus(lifetime).time())
            .with_claims(self.claims)
            .by_cookie()
    }

    pub(super) fn has_ended(
        &self,
        now: Seconds,
        lifetime: Duration,
        idle_lifetime: Option<Duration>,
    ) -> bool {
        now >= self.started.plus(lifetime)
            || idle_lifetime.is_some_and(|idle| now >= self.seen.plus(idle))
    }

    /// How long it lives if it is not used again.
    pub(super) fn rest(
        &self,
        now: Seconds,
        lifetime: Duration,
        idle_lifetime: Option<Duration>,
    ) -> Duration {
        let rest = self.started.plus(lifetime).since(now);
        match idle_lifetime {
            Some(idle) => rest.min(self.seen.plus(idle).since(now)),
            None => rest,
        }
    }
}

mod claims {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::jwt::ClaimSet;

    pub(super) fn serialize<S: Serializer>(
        claims: &ClaimSet,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        claims.as_object().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ClaimSet, D::Error> {
        let claims = serde_json::Map::deserialize(deserializer)?;
        Ok(ClaimSet::from_object(claims))
    }
}

/// Serialises secrets, in data that is sealed afterwards.
mod secret {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::secret::Secret;

    #[expect(clippy::ref_option, reason = "serde passes it like this")]
    pub(super) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        let secret = Option::<String>::deserialize(deserializer)?;
        Ok(secret.map(Secret::new))
    }
}

/// How many sessions in a row were lost, if one that began then, after `losses` others, is lost now.
pub(super) fn losses_after(losses: u8, began: Seconds, now: Seconds) -> u8 {
    if now.since(began) < SOON {
        losses.saturating_add(1)
    } else {
        0
    }
}

#[cfg(test)]
mod tests;
