use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds::Seconds;
use crate::secret::Secret;

/// What the provider gave, as far as it is of use later.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Tokens {
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
    /// For the provider to know whom it signs out. It can be done without.
    #[serde(
        rename = "i",
        default,
        skip_serializing_if = "Option::is_none",
        with = "secret"
    )]
    pub(super) id: Option<Secret>,
    /// How often they have been refreshed: of two copies of a session, the higher has the tokens that
    /// are still good.
    #[serde(rename = "n")]
    pub(super) generation: u64,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) renewal: Option<Renewal>,
}

/// When the access token is to be renewed, and when it ends.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(super) struct Renewal {
    #[serde(rename = "f")]
    pub(super) from: Seconds,
    #[serde(rename = "e")]
    pub(super) end: Seconds,
}

impl Renewal {
    /// A minute before the end, or half way to it where the token is short-lived: else every request
    /// would refresh.
    pub(super) fn before(end: Seconds, now: Seconds) -> Self {
        let margin = (end.since(now) / 2).min(Duration::from_mins(1));
        let from = end.minus(margin);
        Self { from, end }
    }
}

/// Reads and writes a secret, in what is sealed afterwards.
mod secret {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::secret::Secret;

    #[expect(clippy::ref_option, reason = "serde hands it over so")]
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
