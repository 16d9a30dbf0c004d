//! Verified JSON Web Tokens, and the keys that verify them.

mod algorithm;
mod base64url;
mod cache;
mod candidates;
mod claim_path;
mod claims;
mod compact;
mod der;
mod error;
mod examined;
mod header;
mod issuer;
mod json;
mod judge;
mod jwk;
mod jwk_set;
#[cfg(feature = "jwks")]
pub mod jwks;
mod key;
mod key_set;
mod key_source;
mod pem;
mod rules;
mod scopes;
mod validity;
#[cfg(test)]
mod vectors;
mod verifier;

pub use self::algorithm::Algorithm;
pub use self::claim_path::ClaimPath;
pub use self::claims::{ClaimSet, ClaimsError};
pub use self::error::{KeyError, KeyErrorKind};
pub use self::issuer::TrustedIssuer;
pub use self::key_set::KeySet;
pub use self::key_source::{KeySource, NewerKeys, NewerKeysFuture};
pub use self::verifier::JwtVerifier;
