//! JSON Web Tokens (RFC 7519): which are good, and by whose keys.
//!
//! A [`JwtVerifier`] trusts some issuers, each a [`TrustedIssuer`] with its keys: a [`KeySet`], or a
//! [`KeySource`] that fetches them. It finds a token good if all of this holds:
//!
//! 1. It is signed, in compact form (RFC 7515): three parts of base64url, each in its one spelling,
//!    16 KiB at most. Header and payload are JSON objects in which no name stands twice, at any depth
//!    up to 16.
//! 2. `alg` is an [`Algorithm`] that the issuer permits, and the key as well: the token chooses
//!    nothing. `none` is no algorithm. `kid` is a string of 256 bytes at most, and the key's own.
//! 3. `typ` is `JWT`, `at+jwt` or absent, in any case, and `cty` does not say that another token is
//!    within. A header with `crit`, `b64` or `zip` is refused, whatever it says; one with `jwk`, `jku`, `x5u`
//!    or `x5c` gains nothing by it.
//! 4. `iss` is the very name of a trusted issuer. It says whose keys judge; a slash more is another.
//! 5. `aud`, a string or an array of strings, names one of the issuer's audiences exactly.
//! 6. `exp` is there and in the future, `nbf` and `iat` are absent or in the past, with a leeway of 30
//!    seconds. They are numbers, whole or not; what lies beyond the year 9999 is taken as its end.
//! 7. It is not known to be another kind of token: it has no `at_hash` or `c_hash`, as ID tokens
//!    have, no `events`, and does not say `ID`, `Refresh`, `Offline` or `Logout` in the claim `typ`, or `id` in
//!    `token_use`. An ID token that has none of these passes for an access token, if its audience is
//!    one of ours: [`TrustedIssuer::with_access_token_profile`] tells them apart by `typ`.
//! 8. The signature is right.
//! 9. `sub` is a string that is not empty, or absent; then `client_id` or else `azp` is.
//! 10. The claims that hold scopes are strings or arrays of strings, with 512 scopes at most.
//!
//! The admitted [`Identity`](crate::gate::Identity) has the method `jwt`, the subject by rule 9, the
//! expiry, the scopes, and all claims as a [`ClaimSet`]. Scopes are the union of `scope`, `scp`, `scopes`
//! and `permissions`: a string is separated by spaces, an element of an array is one scope, spaces or not.
//! [`TrustedIssuer::with_scope_claims`] takes them from elsewhere, such as Keycloak's roles.
//!
//! Any other token is refused with 401, and nothing of it is in the reason. So is an encrypted one, of
//! five parts. What has neither form is not this verifier's to judge: it is
//! [absent](crate::gate::Decision::Absent), and the next method is asked. A token without a signature
//! is among these. Nothing that a token says makes a verifier panic, or answer with 5xx, but this: where it
//! names a key that is not at hand, and whether there is one cannot be told, it is refused with 503 and
//! `Retry-After: 5`. Newer keys are never asked for because of a wrong signature, or by a token that
//! breaks one of the rules 1 to 7.
//!
//! # What is remembered
//!
//! A verifier remembers some thousands of good tokens, each by a digest under a random key. A token that
//! comes again is judged by its time and by whether its issuer still has the very set of keys that found it
//! good: a newer set has to find so itself.
//!
//! # Deployment caveats
//!
//! * A good token is good until it expires: nobody can take one back, but by removing its key. Have
//!   the issuer make them short-lived.
//! * A subject is unique within its issuer: with several issuers, look at `iss` among the claims too.
//! * An issuer that lets clients choose their names can, by rule 9, name a client as a person is
//!   named elsewhere (RFC 9700 section 4.15). Decide by scopes.
//! * [`TrustedIssuer::insecure_with_any_audience`] lets any service that is sent a token use it here.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use portcullis::gate::{Decision, TokenVerifier, Verdict};
//! use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = KeySet::from_hmac_secret(Algorithm::Hs256, b"a secret of thirty-two characters")?;
//! let issuer = TrustedIssuer::new("https://login.example.com", ["packages"], Arc::new(keys))?;
//! let verifier = JwtVerifier::new([issuer])?;
//!
//! // {"iss": "https://login.example.com", "aud": "packages", "sub": "ana", "exp": 4102444800,
//! // "scope": "wheels:read"}
//! let token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUuY29tIiwiYXVkIjoicGFja\
//!              2FnZXMiLCJzdWIiOiJhbmEiLCJleHAiOjQxMDI0NDQ4MDAsInNjb3BlIjoid2hlZWxzOnJlYWQifQ.jgE2zo\
//!              G1oVdMwEIWXGsCm7qdYXeO-hMgB1FEDSaX2LE";
//! assert!(matches!(verifier.verify(token), Decision::Now(Verdict::Admit(_))));
//!
//! let forged = token.replace(".jgE2", ".jgE3");
//! assert!(matches!(verifier.verify(&forged), Decision::Now(Verdict::Refuse(_))));
//! assert!(matches!(verifier.verify("a password"), Decision::Absent));
//! # Ok(())
//! # }
//! ```

mod algorithm;
mod base64url;
mod cache;
mod candidates;
mod claim_path;
mod claims;
mod compact;
mod decoded;
mod der;
mod ed25519;
mod error;
mod examined;
mod header;
#[cfg(feature = "sso")]
mod id_token;
mod issuer;
mod json;
mod judge;
mod jwk;
mod jwk_member;
mod jwk_set;
#[cfg(feature = "jwks")]
pub mod jwks;
mod key;
mod key_set;
mod key_source;
mod pem;
mod rules;
mod scopes;
#[cfg(all(test, feature = "sso"))]
mod signer;
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

#[cfg(fuzzing)]
pub(crate) use self::examined::rule;
#[cfg(feature = "sso")]
pub(crate) use self::id_token::{IdTokenFault, IdTokenRules};
#[cfg(feature = "sso")]
pub(crate) use self::json::object as json_object;
#[cfg(all(test, feature = "sso"))]
pub(crate) use self::signer::Signer;
