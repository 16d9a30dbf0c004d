use crate::error::ConfigError;
use crate::gate::{TokenMethod, impl_token_layer};
use crate::jwt::JwtVerifier;

/// Layer that admits by a JSON Web Token.
///
/// See the [module docs](crate::jwt_scope) for what is admitted and what is refused.
#[derive(Clone)]
#[must_use]
pub struct JwtScopeLayer {
    method: TokenMethod,
}

impl JwtScopeLayer {
    /// Guards `realm` by the tokens that `verifier` finds good.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the realm is not printable ASCII.
    pub fn new(realm: impl Into<String>, verifier: JwtVerifier) -> Result<Self, ConfigError> {
        let method = TokenMethod::new(realm, verifier)?;
        Ok(Self { method })
    }
}

impl_token_layer!(JwtScopeLayer);
