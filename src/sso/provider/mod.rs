//! Who signs people in: an OpenID Connect provider, or a plain OAuth 2.0 one.
//!
//! A [`Provider`] is asked in these ways, and each answer is judged before it counts:
//!
//! 1. The browser is sent to the authorization endpoint with `response_type=code`, a challenge of PKCE by
//!    S256 (RFC 7636), and to an OpenID Connect provider with a `nonce`.
//! 2. An OpenID Connect provider tells its endpoints in its metadata (OpenID Connect Discovery 1.0, RFC
//!    8414), in which `issuer` is the configured one, byte for byte. Each endpoint is `https`, or as the
//!    issuer is. Metadata that lists methods of PKCE, S256 not among them, is refused. It is read again
//!    after an hour, by the request that needs it; while it cannot be had, the last serves.
//! 3. The `iss` of a callback is the issuer (RFC 9207). It is there where the metadata promises it. A
//!    plain OAuth 2.0 provider has no name that it could be compared with.
//! 4. A code is redeemed at the token endpoint by `POST`. The answer has the status 200, and is a JSON
//!    object in which no name stands twice; `access_token` is of visible ASCII characters, `token_type`
//!    is `Bearer` in any case or absent, and `expires_in` is a whole number, in a string or not, or
//!    absent. Where `scope` is absent, those that were asked for are granted.
//! 5. The client's secret goes into the header (`client_secret_basic`), each half encoded as a form has
//!    it (RFC 6749 section 2.3.1), unless the metadata lists `client_secret_post` and not that;
//!    [`Provider::with_client_secret_post`] says otherwise. To a plain OAuth 2.0 provider it goes in the
//!    form.
//! 6. An ID token is verified as any token here is ([rules 1 to 3](crate::jwt)), by the issuer's own keys
//!    and by no secret. `iss` is the issuer, `aud` names the client, and so does `azp`, where it is there
//!    or `aud` names several. `exp` and `iat` are there, and now is between them, give or take 30 seconds.
//!    `nonce` is that of the sign-in, and `at_hash` and `c_hash`, where they are there, are those of the
//!    access token and of the code. An access token, or another kind of token, does not pass for one.
//! 7. Where an ID token lacks `email` or the groups that the allow-list names, the user endpoint is asked
//!    as well, if there is one, and adds what the ID token does not say. Its `sub` is that of the ID token.
//!    `email_verified` is believed of the address that it came with.
//! 8. The person at a plain OAuth 2.0 provider is whom its user endpoint names: the first of `sub`,
//!    `user_id`, `id` and `email` that is there. [`Endpoints`] says otherwise. It is asked again when
//!    the grace period is over, and then names the same person.
//! 9. A refresh keeps the refresh token where there is no new one. A new ID token is of the same issuer,
//!    person and client; its `nonce` is not looked at, since it is not kept. The answer `invalid_grant`, or
//!    what GitHub says instead, a bad ID token and a user endpoint that denies the new access token end what
//!    was granted; no other trouble does.
//!
//! No answer is longer than 256 KiB, or compressed. Each step has 10 seconds. A redirect is followed for
//! metadata and keys alone, and not off TLS. No error holds anything of what was sent or answered but a
//! status and one of the error codes of RFC 6749.
//!
//! # Deployment caveats
//!
//! * A userinfo answer that is signed or encrypted (`application/jwt`) is refused as malformed.
//! * A provider that signs ID tokens by the client's secret (HS256) is refused: register the client
//!   for RS256 or ES256.
//! * Time is that of the machine, give or take 30 seconds: keep its clock right.
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
//! // Without TLS, anybody on the way signs in as anybody.
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
mod user;

pub use self::endpoints::Endpoints;
pub use self::error::{ProviderError, ProviderErrorKind};
pub use self::settings::Provider;

pub(crate) use self::authorization::AuthorizationRequest;
pub(crate) use self::grant::{Grant, Redemption};
pub(crate) use self::refresh::Refreshed;
