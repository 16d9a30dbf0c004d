use crate::error::ConfigError;
use crate::gate::{TokenMethod, TokenVerifier, impl_token_layer};

/// Layer that admits by a token that the gateway has issued.
///
/// See the [module docs](crate::token_auth) for the requests that are admitted and refused.
#[derive(Clone)]
#[must_use]
pub struct TokenAuthLayer {
    method: TokenMethod,
}

impl TokenAuthLayer {
    /// Guards `realm` by `verifier`, usually [`Tokens`](crate::token::Tokens).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the realm is not printable ASCII.
    pub fn new(
        realm: impl Into<String>,
        verifier: impl TokenVerifier,
    ) -> Result<Self, ConfigError> {
        let method = TokenMethod::new(realm, verifier)?;
        Ok(Self { method })
    }
}

impl_token_layer!(TokenAuthLayer);
