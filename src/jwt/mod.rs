//! JSON Web Tokens (RFC 7519): which tokens are good, and by which keys.
//!
//! A [`JwtVerifier`] trusts one or more issuers. Each is a [`TrustedIssuer`] with its keys: a [`KeySet`], a
//! [`KeyFile`], or another [`KeySource`], such as one that fetches them. A token is good if all of this holds:
//!
//! 1. It is signed, in compact form (RFC 7515): three parts of base64url, each in its one spelling, at most
//!    16 KiB in all. Header and payload are JSON objects in which no name occurs twice, at any depth up to
//!    16.
//! 2. `alg` is an [`Algorithm`] that both the issuer and the key permit: the token chooses nothing. `none` is
//!    not an algorithm. `kid` is a string of at most 256 bytes, and the key's own.
//! 3. `typ` is `JWT`, `at+jwt` or absent, in any case, and `cty` does not name another token inside. A header
//!    with `crit` or `b64` is refused, whatever their value. `zip`, `jwk`, `jku`, `x5u` and `x5c` have no
//!    effect.
//! 4. `iss` is the name of a trusted issuer, byte for byte: one more slash makes another issuer. It selects
//!    the keys.
//! 5. `aud`, a string or an array of strings, names one of the issuer's audiences exactly.
//! 6. `exp` is present and in the future, `nbf` and `iat` are absent or in the past, with a leeway of 30
//!    seconds. They are numbers, whole or not; a time after the year 9999 counts as the end of that year.
//! 7. It is not recognizably another kind of token: it has no `at_hash` or `c_hash`, as ID tokens have, no
//!    `events`, no `ID`, `Refresh`, `Offline` or `Logout` in the claim `typ`, and no `id` in `token_use`. An
//!    ID token without any of these passes for an access token if its audience is configured here:
//!    [`TrustedIssuer::with_access_token_profile`] tells them apart by `typ`.
//! 8. The signature is right.
//! 9. `sub` is a string. If it is absent, null or empty, `client_id` or else `azp` must be.
//! 10. The claims that hold scopes are absent, null, strings or arrays of strings, with at most 512 scopes.
//! 11. The claims satisfy the issuer's [`ClaimPolicy`], if it has one. A token that breaks only this rule is
//!     refused with 403.
//!
//! The admitted [`Identity`](crate::gate::Identity) has the method `jwt`, the subject by rule 9, the
//! expiry, the scopes, and all claims as a [`ClaimSet`]. Scopes are the union of `scope`, `scp`, `scopes`
//! and `permissions`: a string is split at spaces, and an element of an array is one scope, spaces included. A
//! string of any other name is one scope.
//! [`TrustedIssuer::with_scope_claims`] reads them from elsewhere, such as Keycloak's roles.
//!
//! Any other token is refused with 401. The reason names the issuer, audience, algorithm, `kid` or claim that
//! differs, or the seconds by which the token is too late or too early, and what was expected; it repeats
//! nothing else of the token. The same goes for an encrypted token, which has five parts. A credential with
//! neither form, such as a token without a signature, is [absent](crate::gate::Decision::Absent): the next
//! method is asked. No token makes a verifier panic. There is one answer with 5xx: if the token names a key
//! that is not at hand, and newer keys cannot be fetched, it is refused with 503 and `Retry-After: 5`. A wrong
//! signature, or a token that breaks one of the rules 1 to 7, never causes a fetch.
//!
//! # Cache
//!
//! A verifier remembers up to 4096 good tokens by default, each by a digest under a random key. For a token
//! that comes again, it checks the time, and that its issuer still has the same set of keys: a newer set
//! verifies the token anew.
//!
//! # Deployment caveats
//!
//! * A good token is good until it expires. It can be revoked only by removing its key: have the issuer make
//!   tokens short-lived.
//! * A subject is unique within its issuer: with several issuers, look at `iss` among the claims too.
//! * If an issuer lets clients choose their names, rule 9 lets a client have the name of a person (RFC 9700
//!   section 4.15). Decide by scopes.
//! * With [`TrustedIssuer::insecure_with_any_audience`], any service that receives a token can use it here.
//!
//! # Example
//!
//! ```
//! use portcullis::gate::{Decision, TokenVerifier, Verdict};
//! use portcullis::jwt::{Algorithm, JwtVerifier, KeySet, TrustedIssuer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = KeySet::from_hmac_secret(Algorithm::Hs256, b"a secret of thirty-two characters")?;
//! let issuer = TrustedIssuer::new("https://login.example.com", ["packages"], keys)?;
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
mod claim_policy;
mod claims;
mod compact;
mod der;
mod ed25519;
mod error;
mod header;
#[cfg(feature = "sso")]
mod id_token;
mod issuer;
mod json;
mod judge;
mod jwk;
mod jwk_member;
#[cfg(feature = "jwks")]
pub mod jwks;
mod key;
mod key_file;
mod key_set;
mod key_source;
mod left_out;
mod pem;
mod roca;
mod rules;
#[cfg(all(test, feature = "sso"))]
mod signer;
mod validity;
#[cfg(test)]
mod vectors;
mod verifier;

pub use self::algorithm::Algorithm;
pub use self::claim_policy::ClaimPolicy;
pub use self::claims::{ClaimPath, ClaimSet, ClaimsError};
pub use self::error::{KeyError, KeyErrorKind};
pub use self::issuer::TrustedIssuer;
pub use self::key_file::{KeyFile, KeyFileError};
pub use self::key_set::KeySet;
pub use self::key_source::{KeySource, NewerKeys, NewerKeysFuture};
pub use self::left_out::LeftOutKey;
pub use self::verifier::JwtVerifier;

#[cfg(feature = "sso")]
pub(crate) use self::id_token::{IdTokenFault, IdTokenRules};
#[cfg(feature = "sso")]
pub(crate) use self::json::object as json_object;
#[cfg(fuzzing)]
pub(crate) use self::judge::rule;
#[cfg(all(test, feature = "sso"))]
pub(crate) use self::signer::Signer;
