#![cfg_attr(docsrs, feature(doc_cfg))]
// The page of the crate is the README, whose examples need every part.
#![cfg_attr(feature = "full", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "full"),
    doc = "Gates in front of a private S3 bucket, as tower layers and services."
)]

#[macro_use]
mod macros;

mod boxed_future;
mod cache_control;
mod clock;
mod cookies;
mod error;
#[cfg(any(feature = "jwks", feature = "sigv4"))]
mod flight;
mod headers;
#[cfg(any(feature = "sso", feature = "token"))]
mod hex;
#[cfg(any(feature = "jwt", feature = "token"))]
mod https_url;
mod secret;
#[cfg(any(feature = "htpasswd", feature = "token"))]
mod watched;

pub mod path;
pub mod response;

pub mod gate;

#[cfg(feature = "sigv4")]
pub mod aws;
#[cfg(any(feature = "jwks", feature = "s3-proxy", fuzzing))]
pub mod upstream;

#[cfg(feature = "s3-proxy")]
pub mod s3;

#[cfg(feature = "htpasswd")]
pub mod htpasswd;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "sso")]
pub mod session;
#[cfg(feature = "token")]
pub mod token;

pub mod canonical_path;
pub mod strip_prefix;

#[cfg(feature = "basic-auth")]
pub mod basic_auth;
#[cfg(feature = "axum")]
pub mod extract;
#[cfg(feature = "s3-proxy")]
pub mod health;
#[cfg(feature = "index-rewrite")]
pub mod index_rewrite;
#[cfg(feature = "jwt")]
pub mod jwt_scope;
#[cfg(feature = "token")]
pub mod path_token;
#[cfg(feature = "jwt")]
pub mod resource_metadata;
#[cfg(feature = "s3-proxy")]
pub mod s3_proxy;
#[cfg(feature = "sso")]
pub mod sso;
#[cfg(feature = "token")]
pub mod token_auth;

#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use self::canonical_path::CanonicalPathLayer;
pub use self::clock::{Clock, SystemClock};
pub use self::error::ConfigError;
pub use self::secret::Secret;
pub use self::strip_prefix::StripPrefixLayer;

#[cfg(feature = "basic-auth")]
pub use self::basic_auth::BasicAuthLayer;
#[cfg(feature = "htpasswd")]
pub use self::htpasswd::HtpasswdUsers;
#[cfg(feature = "index-rewrite")]
pub use self::index_rewrite::IndexRewriteLayer;
#[cfg(feature = "jwks")]
pub use self::jwt::jwks::JwksKeys;
#[cfg(feature = "jwt")]
pub use self::jwt_scope::JwtScopeLayer;
#[cfg(feature = "token")]
pub use self::path_token::PathTokenLayer;
#[cfg(feature = "jwt")]
pub use self::resource_metadata::ResourceMetadata;
#[cfg(feature = "s3-proxy")]
pub use self::s3_proxy::S3Proxy;
#[cfg(feature = "sso")]
pub use self::sso::SsoLayer;
#[cfg(feature = "token")]
pub use self::token_auth::TokenAuthLayer;
