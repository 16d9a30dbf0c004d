//! Who signs people in: an OpenID Connect provider, or an OAuth 2.0 one.

mod authorization;
mod endpoints;
mod error;
mod grant;
mod provider;

pub use self::endpoints::Endpoints;
pub use self::error::{ProviderError, ProviderErrorKind};
pub use self::provider::Provider;

pub(crate) use self::authorization::AuthorizationRequest;
pub(crate) use self::grant::{Grant, Redemption, Refreshed};
