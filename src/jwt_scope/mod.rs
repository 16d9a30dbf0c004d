//! JSON Web Tokens as bearer tokens (RFC 6750), with the scopes that they have to have.

mod layer;

pub use self::layer::JwtScopeLayer;
