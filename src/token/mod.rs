//! Tokens that the gateway issues, kept as digests in a file or in a custom store.
//!
//! A token is `pcl-` or another prefix, 30 random letters and digits, and six more as a checksum: see
//! [`TokenFormat`]. Other credentials are recognised without a look-up, so passwords, JWTs and tokens can
//! be used side by side. [`Tokens`] looks a token up in a [`TokenStore`] by its SHA-256:
//!
//! 1. a token that is known, not revoked and not expired is admitted, by the method `token`, with its
//!    id as the subject and its scopes;
//! 2. an unknown, revoked or expired token is refused with 401; the client cannot tell them apart, but
//!    the reason for the log does;
//! 3. while the store fails, every token is refused with 503.
//!
//! Expiry is checked with every request, and no result of a store is cached.
//!
//! # The file
//!
//! [`TokenFile`] issues, lists, rotates, revokes and removes the tokens of a JSON file, and is the store for a gateway:
//!
//! ```json
//! {
//!   "tokens": [
//!     {
//!       "id": "ci",
//!       "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
//!       "created": "2026-01-31T09:00:00Z",
//!       "expires": "2027-01-31T09:00:00Z",
//!       "scopes": [
//!         "wheels:read"
//!       ]
//!     }
//!   ]
//! }
//! ```
//!
//! `expires` and `scopes` are optional, and a revoked token has the time in `revoked`. To remove an entry
//! revokes its token as well. The whole file is refused if a member is unknown, missing, repeated, `null`
//! or of another type, if an id, digest, time or scope is malformed, if an id or digest is not unique, or
//! if the file is longer than 16 MiB. The [`TokenFileError`] has the number of the entry and never repeats
//! its contents.
//!
//! # Deployment caveats
//!
//! * At most once a second, a request waits for a new thread that checks the metadata of the file; other
//!   requests use the current table meanwhile. A changed file takes effect as a whole. If it is missing or
//!   bad, the current table stays, so a token that should be revoked stays valid: watch for this with
//!   [`TokenFile::with_reload_observer`].
//! * A changed file is written beside the old one, as `….new`, and renamed over it, with the same owner
//!   and mode. Only its owner can read a file that did not exist before. Writers take turns by a lock on
//!   `….lock`, which may not be seen from other machines.
//! * Revoking a token does not end the requests that it was admitted for.
//!
//! # Example
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use portcullis::gate::{Decision, TokenVerifier, Verdict};
//! use portcullis::token::{NewToken, TokenFile, TokenFormat, Tokens};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = std::env::temp_dir().join(format!("portcullis-doc-{}.json", std::process::id()));
//! let file = TokenFile::open_or_create(&path)?;
//! let tokens = Tokens::new(file.clone());
//!
//! let expires_at = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
//! let new = NewToken::new("ci").with_scopes(["wheels:read"]).with_expires_at(expires_at);
//! let token = file.issue(&TokenFormat::default(), new)?;
//! # async fn verdict(decision: Decision) -> Verdict {
//! #     match decision {
//! #         Decision::Now(verdict) => verdict,
//! #         Decision::Later(verdict) => verdict.await,
//! #         _ => panic!("it is a token"),
//! #     }
//! # }
//! assert!(matches!(verdict(tokens.verify(token.expose())).await, Verdict::Admit(_)));
//!
//! file.revoke("ci")?;
//! assert!(matches!(verdict(tokens.verify(token.expose())).await, Verdict::Refuse(_)));
//! assert!(matches!(tokens.verify("a password"), Decision::Absent));
//! # std::fs::remove_file(&path)?;
//! # std::fs::remove_file(path.with_added_extension("lock"))?;
//! # Ok(())
//! # }
//! ```

mod digest;
mod document;
mod entry;
mod error;
mod file;
mod format;
mod new_token;
mod record;
mod salted;
mod store;
mod table;
mod tokens;
mod writer;

pub use self::digest::TokenDigest;
pub use self::entry::TokenEntry;
pub use self::error::{TokenFileError, TokenFileErrorKind};
pub use self::file::TokenFile;
pub use self::format::TokenFormat;
pub use self::new_token::NewToken;
pub use self::record::TokenRecord;
pub use self::salted::InsecureSaltedToken;
pub use self::store::{Lookup, LookupFuture, TokenStore, TokenStoreError};
pub use self::table::TokenTable;
pub use self::tokens::Tokens;

#[cfg(fuzzing)]
pub(crate) use self::document::rewritten;
