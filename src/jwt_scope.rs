//! JSON Web Tokens (RFC 7519) as bearer tokens (RFC 6750), with required scopes.
//!
//! A request is admitted if it has one token, the [`JwtVerifier`] finds it good, and its scopes satisfy the
//! [`ScopePolicy`](crate::gate::ScopePolicy), if one is configured. By default, the token is in
//! `Authorization: Bearer`, or in the password of `Authorization: Basic` with any user name, since pip, uv,
//! poetry and twine can send nothing else; other [carriers](crate::gate::Carrier) must be configured. A
//! request is refused:
//!
//! 1. with 401 and `Bearer realm="…"`, if it has no token. There is no `error`, since nothing was sent that
//!    could be wrong;
//! 2. with 400 and `error="invalid_request"`, if its bearer token is malformed by RFC 6750 section 2.1, if it
//!    has two `Authorization` fields, or a token twice or in two carriers;
//! 3. with 401 and `error="invalid_token"`, if the verifier refuses its token, if its token is not a JWT and
//!    no other method of the gate takes it, and if its Basic credentials are malformed;
//! 4. with 403, `error="insufficient_scope"` and `scope="…"`, if its good token lacks a scope, here or
//!    in a [`RequireScopeLayer`](crate::gate::RequireScopeLayer) further in. The scopes are all those
//!    that the policy mentions;
//! 5. with 403 and no challenge, if its token came in a cookie, its method is not GET, HEAD or OPTIONS, and
//!    nothing shows that it comes from the same origin;
//! 6. with 503, `Retry-After` and no challenge, if the key of its token cannot be fetched now.
//!
//! Every 401 also has the line `Basic realm="…", charset="UTF-8"`, as long as the Basic password is a
//! carrier: it makes pip and browsers ask for a password. With
//! [`with_resource_metadata`](JwtScopeLayer::with_resource_metadata), every `Bearer` line names the metadata
//! of the resource. There is no `error_description`: the reason is in the
//! [`RefusalReason`](crate::gate::RefusalReason), for outer layers to log, and never sent to the client.
//!
//! The [`Identity`](crate::gate::Identity) of an admitted request has the method `jwt`, and the claims as a
//! [`ClaimSet`](crate::jwt::ClaimSet).
//!
//! # Deployment caveats
//!
//! * A token is sent with every request: serve over TLS.
//! * Beside users or opaque tokens, in [`AnyOf`](crate::gate::AnyOf), put the JWTs before the users: a
//!   credential without the form of a JWT is left to the next method, and a JWT starts no password hash. A
//!   password of that form, such as `three.short.words`, is treated as a JWT, and its user is refused.
//! * Within [`Optional`](crate::gate::Optional), a credential without the form of a JWT counts as absent: such
//!   a request is let through anonymously, without the credential.
//! * Give the methods of one `AnyOf` one realm, so that a client gets one `Bearer` line.
//! * A token in the query ends up in logs and histories, and in axum's `OriginalUri` if a router is
//!   outside. Browsers send a cookie whichever site made the page; see 5.
//! * Answers to a token that did not come in `Authorization` lose the headers that let a shared cache store
//!   them, and gain `Cache-Control: private`.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::JwtScopeLayer;
//! use portcullis::gate::ScopePolicy;
//! use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = KeySet::from_hmac_secret(Algorithm::Hs256, b"a secret of thirty-two characters")?;
//! let issuer = TrustedIssuer::new("https://login.example.com", ["packages"], keys)?;
//! let layer = JwtScopeLayer::new("packages", JwtVerifier::new([issuer])?)?
//!     .with_required_scopes(ScopePolicy::any_of(["wheels:read", "wheels:admin"])?);
//! let mut service = ServiceBuilder::new()
//!     .layer(layer)
//!     .service(service_fn(|_: Request<()>| async {
//!         Ok::<_, Infallible>(Response::new(String::from("wheel")))
//!     }));
//!
//! // {"iss": "https://login.example.com", "aud": "packages", "sub": "ana", "exp": 4102444800,
//! // "scope": "wheels:read"}
//! let token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tIiwiYXVkIjoicGFja\
//!              2FnZXMiLCJzdWIiOiJhbmEiLCJleHAiOjQxMDI0NDQ4MDAsInNjb3BlIjoid2hlZWxzOnJlYWQifQ.jgE2zo\
//!              G1oVdMwEIWXGsCm7qdYXeO-hMgB1FEDSaX2LE";
//! let request = Request::get("/").header("authorization", format!("Bearer {token}"));
//! let response = service.ready().await?.call(request.body(())?).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let request = Request::get("/").header("authorization", format!("Bearer {token}A"));
//! let response = service.ready().await?.call(request.body(())?).await?;
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! assert_eq!(
//!     response.headers()["www-authenticate"],
//!     r#"Bearer realm="packages", error="invalid_token""#
//! );
//! # Ok(())
//! # }
//! ```

use crate::error::ConfigError;
use crate::gate::{TokenMethod, impl_token_layer};
use crate::jwt::JwtVerifier;

/// Layer that admits requests by a JSON Web Token.
///
/// See the [module docs](crate::jwt_scope) for which requests are admitted and which are refused.
#[derive(Clone)]
#[must_use]
pub struct JwtScopeLayer {
    method: TokenMethod,
}

impl JwtScopeLayer {
    /// Guards `realm`, and admits the tokens that `verifier` finds good.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the realm is not printable ASCII.
    pub fn new(realm: impl Into<String>, verifier: JwtVerifier) -> Result<Self, ConfigError> {
        let method = TokenMethod::new(realm, verifier)?;
        Ok(Self { method })
    }
}

impl_token_layer!(JwtScopeLayer);
