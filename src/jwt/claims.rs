use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::json;

/// The claims of a token that was found good: the JSON object that is its payload.
///
/// It is what [`Identity::claims`](crate::gate::Identity::claims) gives of an identity whose method
/// is `jwt`, or `sso`. No name occurs twice in it, or in any object within.
#[derive(Clone, PartialEq)]
pub struct ClaimSet {
    claims: Map<String, Value>,
}

impl ClaimSet {
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let claims = json::object(payload)?;
        Some(Self { claims })
    }

    /// Claims that came as JSON and not as a token.
    #[cfg(feature = "sso")]
    pub(crate) fn from_object(claims: Map<String, Value>) -> Self {
        Self { claims }
    }

    #[cfg(feature = "sso")]
    pub(crate) fn as_object(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claim of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// The claims as a type of one's own.
    ///
    /// # Errors
    ///
    /// [`ClaimsError`] where they do not fit the type.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        T::deserialize(&self.claims).map_err(|_| ClaimsError)
    }
}

/// Leaves out the claims, which may hold what no log should.
impl fmt::Debug for ClaimSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimSet(..)")
    }
}

/// The claims of a token are not of the type asked for.
///
/// It says no more: what serde has to say may quote a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimsError;

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims are not of the type asked for")
    }
}

impl std::error::Error for ClaimsError {}
