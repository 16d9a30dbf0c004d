//! JSON Web Tokens (RFC 7519) as bearer tokens (RFC 6750), and the scopes that they need.
//!
//! A request is admitted if it has one token, the [`JwtVerifier`](crate::jwt::JwtVerifier) finds it
//! good, and its scopes satisfy the [`ScopePolicy`](crate::gate::ScopePolicy), where one is required. The
//! token stands in `Authorization: Bearer`, or in the password of `Authorization: Basic` with any user
//! name, since pip, uv, poetry and twine can send nothing else; other
//! [carriers](crate::gate::Carrier) are asked for by name. Refused are:
//!
//! 1. with 401 and `Bearer realm="…"`: a request without a token. No `error` says what is wrong with
//!    what is not there;
//! 2. with 400 and `error="invalid_request"`: a bearer token that is not one by RFC 6750 section 2.1, two
//!    `Authorization` fields, a token given twice or by two carriers;
//! 3. with 401 and `error="invalid_token"`: a token that the verifier refuses, one that is not a JWT
//!    and that no other method of the gate takes, and malformed Basic credentials;
//! 4. with 403, `error="insufficient_scope"` and `scope="…"`: a good token that lacks a scope, here or
//!    in a [`RequireScopeLayer`](crate::gate::RequireScopeLayer) further in. The scopes are all those
//!    that the policy mentions;
//! 5. with 403 and no challenge: a cookie with another method than GET, HEAD and OPTIONS that is not
//!    shown to come from the same origin;
//! 6. with 503, `Retry-After` and no challenge: a token whose key cannot be had now.
//!
//! Every 401 has the line `Basic realm="…", charset="UTF-8"` too, as long as the Basic password is a
//! carrier: pip and browsers ask for a password then. Every `Bearer` line names the metadata of the
//! resource where [`with_resource_metadata`](JwtScopeLayer::with_resource_metadata) says so. There is no
//! `error_description`: why a token was refused is in the
//! [`RefusalReason`](crate::gate::RefusalReason) and never told to the client.
//!
//! Whoever is admitted has the method `jwt`, and the claims as a [`ClaimSet`](crate::jwt::ClaimSet).
//!
//! # Deployment caveats
//!
//! * A token is sent with every request: serve over TLS.
//! * Beside users or opaque tokens, in [`AnyOf`](crate::gate::AnyOf), the JWTs go before the users: what has
//!   not the form of a JWT is left to the next method, and a JWT starts no password hash. A password of
//!   that form, such as `three.short.words`, is taken for one, and its user is refused.
//! * Within [`Optional`](crate::gate::Optional) what has not the form of a JWT is nothing shown: such a
//!   request is let in anonymously, and the token goes no further.
//! * Give the methods of one `AnyOf` one realm, so that a client is told one `Bearer` line.
//! * A token in the query stands in logs and histories, and in axum's `OriginalUri` where a router stands
//!   outside. A cookie is sent by the browser whoever made the page; see 5.
//! * Answers to a token that did not come in `Authorization` lose what lets a shared cache store them,
//!   and gain `Cache-Control: private`.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::sync::Arc;
//! use http::{Request, Response, StatusCode};
//! use portcullis::JwtScopeLayer;
//! use portcullis::gate::ScopePolicy;
//! use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = KeySet::from_hmac_secret(Algorithm::Hs256, b"a secret of thirty-two characters")?;
//! let keys = Arc::new(keys);
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

mod layer;

pub use self::layer::JwtScopeLayer;
