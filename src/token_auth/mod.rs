//! Tokens that the gateway has issued, from wherever a client can put one.
//!
//! A request is admitted if it carries one token, as `Authorization: Bearer` or as the password of
//! `Authorization: Basic` with any user name, and the verifier takes it. [`Tokens`](crate::token::Tokens)
//! takes those that a store has, which are neither revoked nor expired. Refused are:
//!
//! 1. with 401 and the challenges `Bearer realm="…"` and `Basic realm="…"`: no token; with
//!    `error="invalid_token"` in the former: one that does not look like a token, is unknown, revoked
//!    or expired, which all look the same;
//! 2. with 400: two `Authorization` fields, tokens in two places, a malformed bearer token;
//! 3. with 403 and `error="insufficient_scope"`: a token that lacks the scopes which
//!    [`with_required_scopes`](TokenAuthLayer::with_required_scopes) asks for;
//! 4. with 503 and no challenge: a token, while the store fails.
//!
//! The verdict is the same wherever the token comes from.
//!
//! # Deployment caveats
//!
//! * A token is sent with every request: serve over TLS.
//! * What does not look like a token is not this method's, so that users with passwords stand beside
//!   it in an [`AnyOf`](crate::gate::AnyOf); these go after it.
//! * For tokens in the path, put [`PathTokenLayer`](crate::PathTokenLayer) outside and add
//!   [`Carrier::path_token`](crate::gate::Carrier::path_token) by
//!   [`with_carriers`](TokenAuthLayer::with_carriers).
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use http::{Request, Response, StatusCode};
//! use portcullis::TokenAuthLayer;
//! use portcullis::token::{Lookup, TokenDigest, TokenFormat, TokenRecord, TokenStore, Tokens};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! // Most often this is `TokenFile::open("/etc/portcullis/tokens.json")?`.
//! struct OneToken(TokenDigest);
//!
//! impl TokenStore for OneToken {
//!     fn find(&self, digest: &TokenDigest) -> Lookup {
//!         let record = (self.0 == *digest).then(|| TokenRecord::new("ci"));
//!         Lookup::Now(Ok(record))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = TokenFormat::default().generate();
//! let tokens = Tokens::new(OneToken(TokenDigest::of(token.expose())));
//! let mut service = ServiceBuilder::new()
//!     .layer(TokenAuthLayer::new("packages", tokens)?)
//!     .service(service_fn(|_: Request<()>| async {
//!         Ok::<_, Infallible>(Response::new(String::from("wheel")))
//!     }));
//!
//! let bearer = format!("Bearer {}", token.expose());
//! let request = Request::get("/").header("authorization", bearer).body(())?;
//! let response = service.ready().await?.call(request).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let another = TokenFormat::default().generate();
//! let bearer = format!("Bearer {}", another.expose());
//! let request = Request::get("/").header("authorization", bearer).body(())?;
//! let response = service.ready().await?.call(request).await?;
//! assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```

mod layer;

pub use self::layer::TokenAuthLayer;
