use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::json;
use crate::error::ConfigError;
use crate::gate::Mismatch;

/// The claims that issuers keep scopes in. The first is that of RFC 9068.
pub(super) const SCOPE_CLAIMS: [&str; 4] = ["scope", "scp", "scopes", "permissions"];

/// The claims of a good token: the JSON object that is its payload.
///
/// [`Identity::claims`](crate::gate::Identity::claims) returns it for an identity whose method is `jwt` or
/// `sso`. No name occurs twice in it, or in any object within.
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

    /// The claims, deserialized as a type of the caller.
    ///
    /// # Errors
    ///
    /// Returns [`ClaimsError`] if they do not fit the type.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, ClaimsError> {
        T::deserialize(&self.claims).map_err(|_| ClaimsError)
    }
}

/// Leaves out the claims, which do not belong in a log.
impl fmt::Debug for ClaimSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimSet(..)")
    }
}

/// The claims of a token do not fit the requested type.
///
/// It says no more, since serde's own message may quote a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimsError;

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims do not fit the requested type")
    }
}

impl std::error::Error for ClaimsError {}

/// The path of a value in a token's claims: the names to follow from the payload inwards.
///
/// ```
/// use portcullis::jwt::ClaimPath;
///
/// // Keycloak's roles of a realm.
/// assert!(ClaimPath::new(["realm_access", "roles"]).is_ok());
/// // A name is used as it is, dots and slashes included.
/// assert!(ClaimPath::new(["https://example.com/groups"]).is_ok());
/// assert!(ClaimPath::new([""; 0]).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath {
    first: Box<str>,
    further: Box<[Box<str>]>,
}

impl ClaimPath {
    /// The value under the last of these names, in the object under the one before, and so on.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is no name.
    pub fn new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut names = names.into_iter().map(|name| name.into().into_boxed_str());
        let first = names.next();
        let first =
            first.ok_or_else(|| ConfigError::new("claim path", "must have at least one name"))?;
        let further = names.collect();
        Ok(Self { first, further })
    }

    /// The claim of one name.
    pub(crate) fn of_claim(name: &str) -> Self {
        Self {
            first: name.into(),
            further: Box::default(),
        }
    }

    /// The name of the claim that the path begins with.
    #[cfg(feature = "sso")]
    pub(crate) fn claim(&self) -> &str {
        &self.first
    }

    /// Sets the value, if what is above it can have members.
    #[cfg(feature = "sso")]
    pub(crate) fn put(&self, claims: &mut Map<String, Value>, value: Value) {
        let mut names = std::iter::once(&self.first).chain(&self.further);
        let Some(last) = names.next_back() else {
            return;
        };
        let above = names.try_fold(claims, |above, name| {
            let within = above.entry(&**name).or_insert_with(|| Map::new().into());
            within.as_object_mut()
        });
        if let Some(above) = above {
            above.insert(last.to_string(), value);
        }
    }

    /// The last name.
    pub(super) fn last(&self) -> &str {
        self.further.last().unwrap_or(&self.first)
    }

    /// Whether the claim is one that issuers keep scopes in.
    pub(super) fn is_of_scopes(&self) -> bool {
        SCOPE_CLAIMS.contains(&self.last())
    }

    /// The value, if every name is there and it is not null.
    pub(crate) fn find<'a>(&self, claims: &'a ClaimSet) -> Option<&'a Value> {
        let first = claims.get(&self.first)?;
        let mut names = self.further.iter();
        let found = names.try_fold(first, |value, name| value.as_object()?.get(&**name));
        found.filter(|value| !value.is_null())
    }
}

/// The mismatch of a value that is not the expected one. Of an array or an object it has the type alone, since
/// anything may be in there.
pub(super) fn differs(what: impl Into<Cow<'static, str>>, given: Option<&Value>) -> Mismatch {
    match given {
        None => Mismatch::new(what, None),
        Some(Value::String(given)) => Mismatch::new(what, Some(given)),
        Some(Value::Array(_)) => Mismatch::new(what, Some("an array")),
        Some(Value::Object(_)) => Mismatch::new(what, Some("an object")),
        Some(other) => Mismatch::new(what, Some(&other.to_string())),
    }
}

/// The names, joined by ` > `.
impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first)?;
        let mut further = self.further.iter();
        further.try_for_each(|name| write!(f, " > {name}"))
    }
}
