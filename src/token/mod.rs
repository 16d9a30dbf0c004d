//! Tokens that the gateway issues itself, kept as digests in a file or in a store of one's own.
//!
//! A token is `pcl-`, or another prefix, 30 random letters and digits, and six that check all before
//! them: see [`TokenFormat`]. What does not look so is not a token, and is told without a look-up, so
//! that passwords, JWTs and tokens stand side by side. [`Tokens`] judges the others by what a
//! [`TokenStore`] has under the SHA-256 of the token:
//!
//! 1. a token that is known, not revoked and not expired is admitted, by the method `token`, with its
//!    id as the subject and its scopes;
//! 2. one that is unknown, revoked or expired is refused with 401; these look the same, and the log
//!    has the difference;
//! 3. while the store fails, every token is refused with 503.
//!
//! Expiry is judged at every request, and nothing that a store has said is remembered.
//!
//! # The file
//!
//! [`TokenFile`] issues, lists and revokes the tokens of a JSON file, and is the store for a gateway:
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
//! `expires` and `scopes` may be missing, and a revoked token has the time in `revoked`. A token whose
//! entry is removed is revoked as well. The whole file is refused with a [`TokenFileError`], which
//! names the entry and not what it says, where a member is unknown, missing, repeated, `null` or of
//! another type, an id, digest, time or scope is malformed, or an id or digest is there twice; and
//! where it is longer than 16 MiB.
//!
//! # Deployment caveats
//!
//! * At most once a second, a request has the metadata of the file looked at, on a thread that starts
//!   for it, and waits for that; others go on with the table that there is. A file that has changed
//!   takes effect as a whole. One that is missing or bad changes nothing, so a token that was to be
//!   revoked stays good: watch for it by [`TokenFile::with_reload_observer`].
//! * The file is written anew beside the old one, as `….new`, and renamed over it, with the owner and
//!   mode of the old one; a new one is for its owner alone. Writers take turns by a lock on `….lock`,
//!   which only those on the same machine may see.
//! * Nothing that was decided is taken back: a request that is under way when its token is revoked
//!   ends as it began.
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
