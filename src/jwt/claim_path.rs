use serde_json::Value;

use super::claims::ClaimSet;
use crate::error::ConfigError;

/// Where in a token's claims a value stands: the names to follow from the payload inwards.
///
/// ```
/// use portcullis::jwt::ClaimPath;
///
/// // Keycloak's roles of a realm.
/// assert!(ClaimPath::new(["realm_access", "roles"]).is_ok());
/// // A name is taken as it is, whatever is in it.
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
    /// [`ConfigError`] where there is no name.
    pub fn new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut names = names.into_iter().map(|name| name.into().into_boxed_str());
        let first = names.next();
        let first = first.ok_or_else(|| ConfigError::new("claim path", "there must be a name"))?;
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

    /// The value, where every name is there.
    pub(crate) fn find<'a>(&self, claims: &'a ClaimSet) -> Option<&'a Value> {
        let first = claims.get(&self.first)?;
        let mut names = self.further.iter();
        names.try_fold(first, |value, name| value.as_object()?.get(&**name))
    }
}
