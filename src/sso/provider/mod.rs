//! The identity provider: OpenID Connect, or plain OAuth 2.0.
//!
//! Requests to a [`Provider`], and the rules for its answers:
//!
//! 1. The browser is sent to the authorization endpoint with `response_type=code`, a PKCE challenge by
//!    S256 (RFC 7636), a `nonce` if it is OpenID Connect, and the parameters of
//!    [`Provider::with_authorization_parameters`].
//! 2. The endpoints of an OpenID Connect provider come from its metadata (OpenID Connect Discovery 1.0,
//!    RFC 8414), except those of [`Provider::with_url`]. Its `issuer` must be the configured one, byte for
//!    byte. Each endpoint must be `https`, or of the issuer's scheme. Metadata that lists PKCE methods
//!    without S256 is refused. An optional member that is null, empty or unusable counts as absent; if that
//!    costs a function, a [`SignInNote`](crate::sso::SignInNote) or the reason of the refusal names it.
//!    Metadata is fetched again after an hour, by the request that needs it; while that fails, the last one
//!    is used.
//! 3. The `iss` of a callback must be the issuer (RFC 9207), and must be present if the metadata
//!    announces it. A plain OAuth 2.0 provider has no issuer to compare with.
//! 4. A code is redeemed at the token endpoint by `POST`. The answer must have status 200 and be a JSON
//!    object without duplicate names. `access_token` must be visible ASCII, and `token_type` must be `Bearer`
//!    in any case or absent. Another member of a wrong type or form counts as absent, such as an
//!    `expires_in` of -1. `scope` is a string or an array; if it is absent, the requested scopes are granted,
//!    and if it cannot be read, none is. Commas separate the scopes of a plain OAuth 2.0 provider, too.
//! 5. The client secret is sent in the header (`client_secret_basic`), each half form-encoded (RFC 6749
//!    section 2.3.1), unless the metadata lists `client_secret_post` and not that, or
//!    [`Provider::with_client_secret_post`] is set. To a plain OAuth 2.0 provider, it is sent in the
//!    form, unless [`Provider::with_client_secret_basic`] is set.
//! 6. An ID token is verified like any other token ([rules 1 to 3](crate::jwt)), with the issuer's own
//!    keys and never with a secret. `iss` must be the issuer. `aud` must name the client, and so must
//!    `azp` if it is present or `aud` has several values. `exp` and `iat` must be present, and the time
//!    must be between them, with 30 seconds of leeway. `nonce` must be that of the sign-in. `at_hash` and
//!    `c_hash`, if present, must match the access token and the code. An access token or another kind of
//!    token is not accepted as an ID token.
//! 7. If an ID token lacks `email` or a group claim of the allow-list, the user endpoint, if there is
//!    one, adds what the ID token does not say. Its `sub` must be that of the ID token. `email_verified`
//!    counts only for the address that came with it.
//! 8. The subject at a plain OAuth 2.0 provider is the first of `sub`, `user_id`, `id` and `email` in the
//!    answer of its user endpoint; [`Endpoints`] can change that. The endpoint is asked again after the
//!    recheck interval, and must then name the same person.
//! 9. A refresh keeps the refresh token if there is no new one. A new ID token must be of the same
//!    issuer, person and client; its `nonce` is not checked, since the first one is not kept. The session
//!    ends on the error `invalid_grant` (or GitHub's names for it), on a bad ID token, and if the user
//!    endpoint denies the new access token. It does not end on any other error.
//!
//! An answer must be at most 256 KiB and not compressed. Each step has a timeout of 10 seconds. Redirects
//! are followed for metadata and keys only, and not from https to http. Errors contain nothing of
//! requests and answers except a status, an error code of RFC 6749, and an issuer or audience that is not the
//! expected one, escaped and cut.
//!
//! # Deployment caveats
//!
//! * A signed or encrypted userinfo answer (`application/jwt`) is refused as malformed.
//! * A provider that signs ID tokens with the client secret (HS256) is refused: register the client for
//!   RS256 or ES256.
//! * Keep the machine's clock right: the leeway is 30 seconds.
//!
//! # Example
//!
//! ```
//! use portcullis::Secret;
//! use portcullis::sso::provider::{Endpoints, Provider};
//!
//! # fn main() -> Result<(), portcullis::ConfigError> {
//! let secret = Secret::from("of the client");
//! let provider = Provider::discover("https://id.example.com", "gateway", secret.clone())?;
//! assert!(provider.clone().with_scopes(["openid", "email", "groups"]).is_ok());
//! assert!(provider.with_scopes(["email"]).is_err());
//!
//! // Without TLS, anyone on the network path can sign in as anybody.
//! assert!(Provider::discover("http://id.example.com", "gateway", secret.clone()).is_err());
//!
//! let endpoints = Endpoints::new("https://sso.example.com/o/authorize/", "https://sso.internal/o/token/")?
//!     .with_user_url("https://sso.internal/api/v1/user/me/")?;
//! assert!(Provider::oauth2(endpoints, "gateway", secret).is_ok());
//! # Ok(())
//! # }
//! ```

mod authorization;
mod discovery;
mod endpoints;
mod error;
mod exchange;
mod grant;
mod metadata;
mod person;
mod refresh;
mod settings;
#[cfg(test)]
mod tests;
mod token_endpoint;
mod urls;
mod user;
mod with_url;

pub use self::endpoints::Endpoints;
pub use self::error::{ProviderError, ProviderErrorKind};
pub use self::settings::Provider;
pub use self::urls::ProviderUrl;

pub(crate) use self::authorization::AuthorizationRequest;
pub(crate) use self::grant::{Grant, Redemption};
pub(crate) use self::refresh::Refreshed;
