//! Tokens that the gateway has issued, in any carrier.
//!
//! A request is admitted if it carries one token, as `Authorization: Bearer` or as the password of
//! `Authorization: Basic` with any user name, and the verifier accepts it. [`Tokens`](crate::token::Tokens)
//! accepts the tokens of a store that are neither revoked nor expired. Any other request is refused:
//!
//! 1. with 401 and the challenges `Bearer realm="…"` and `Basic realm="…"` if there is no token;
//! 2. with 401, the same challenges and `error="invalid_token"` if the token has another form than those
//!    that the gateway issues, or is unknown, revoked or expired. The response is the same for all four;
//! 3. with 400 if there are two `Authorization` fields, tokens in two carriers, or a malformed bearer token;
//! 4. with 403 and `error="insufficient_scope"` if the token lacks one of the scopes of
//!    [`with_required_scopes`](TokenAuthLayer::with_required_scopes);
//! 5. with 503 and no challenge if the store fails.
//!
//! The verdict does not depend on the carrier.
//!
//! # Deployment caveats
//!
//! * A token is sent with every request: serve over TLS.
//! * A credential of another form is left to the next method in an [`AnyOf`](crate::gate::AnyOf), so put
//!   users with passwords after this layer.
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
//! // Usually this is `TokenFile::open("/etc/portcullis/tokens.json")?`.
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
