use std::path::PathBuf;

use super::digest::TokenDigest;
use super::entry::{NewToken, TokenEntry};
use super::error::TokenFileError;
use super::format::TokenFormat;
use super::store::{Lookup, TokenStore};
use super::table::TokenTable;
use crate::clock::Clock;
use crate::secret::Secret;

/// The tokens of a file, which is read again when it has changed.
///
/// See the [module docs](crate::token) for the file. A clone costs a counter and shares everything.
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// The tokens of a file, which is read now. This blocks.
    ///
    /// # Errors
    ///
    /// [`TokenFileError`] where the file cannot be read or parsed.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TokenFileError> {
        Ok(Self { path: path.into() })
    }

    /// As [`open`](Self::open), and makes an empty file where there is none.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and where the file cannot be made.
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, TokenFileError> {
        Self::open(path)
    }

    /// Reads the time from `clock`.
    pub fn with_clock(self, _clock: impl Clock) -> Self {
        self
    }

    /// Tells `observer` of each change of the file: the table that took effect, or why the one
    /// before stays.
    pub fn with_reload_observer<F>(self, _observer: F) -> Self
    where
        F: Fn(Result<&TokenTable, &TokenFileError>) + Send + Sync + 'static,
    {
        self
    }

    /// Issues a token, which is shown this once: the file has its digest alone. This blocks.
    ///
    /// # Errors
    ///
    /// [`TokenFileError`] for an id that is there already or that could not stand in the file, as
    /// for a scope; and where the file cannot be read, parsed or written.
    ///
    /// # Panics
    ///
    /// If the system has no random numbers.
    pub fn issue(&self, _format: &TokenFormat, _token: NewToken) -> Result<Secret, TokenFileError> {
        let _ = &self.path;
        unimplemented!()
    }

    /// What the file says of each token, in its order. This blocks.
    ///
    /// # Errors
    ///
    /// [`TokenFileError`] where the file cannot be read or parsed.
    pub fn list(&self) -> Result<Vec<TokenEntry>, TokenFileError> {
        unimplemented!()
    }

    /// Revokes a token: at once in this process, within a second of its next request in others.
    /// Where it was revoked before, it stays as it is. This blocks.
    ///
    /// # Errors
    ///
    /// [`TokenFileError`] where there is no token with this id, and where the file cannot be read,
    /// parsed or written.
    pub fn revoke(&self, _id: &str) -> Result<(), TokenFileError> {
        unimplemented!()
    }
}

impl TokenStore for TokenFile {
    fn find(&self, _digest: &TokenDigest) -> Lookup {
        unimplemented!()
    }
}
