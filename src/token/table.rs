use std::collections::HashMap;
use std::fmt;
use std::io;

use super::digest::TokenDigest;
use super::document::{self, MAX_BYTES};
use super::error::TokenFileError;
use super::record::TokenRecord;
use super::store::{Lookup, TokenStore};
use crate::watched::{Contents, Parse};

/// The tokens of a file at the time that it was read.
///
/// See the [module docs](crate::token) for the file.
pub struct TokenTable {
    records: HashMap<TokenDigest, TokenRecord>,
}

impl TokenTable {
    /// Parses the contents of a file. A table without tokens admits nobody.
    ///
    /// # Errors
    ///
    /// Returns [`TokenFileError`] for the first entry that the [module docs](crate::token) do not allow.
    pub fn parse(contents: &[u8]) -> Result<Self, TokenFileError> {
        let entries = document::parse(contents)?;
        let records = entries
            .iter()
            .map(|entry| (entry.digest(), entry.record()))
            .collect();
        Ok(Self { records })
    }

    /// The number of tokens, including expired and revoked ones.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn get(&self, digest: &TokenDigest) -> Option<TokenRecord> {
        self.records.get(digest).cloned()
    }
}

impl TokenStore for TokenTable {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        Lookup::Now(Ok(self.get(digest)))
    }
}

/// The parser of the file.
pub(super) struct Json;

impl Parse for Json {
    type Value = TokenTable;
    type Error = TokenFileError;

    const MAX_BYTES: usize = MAX_BYTES;

    fn parse(&self, files: &[Contents]) -> Result<TokenTable, TokenFileError> {
        TokenTable::parse(&files[0])
    }

    fn unreadable(_file: usize, error: io::Error) -> TokenFileError {
        TokenFileError::unreadable(error)
    }
}

impl fmt::Debug for TokenTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenTable")
            .field("tokens", &self.records.len())
            .finish_non_exhaustive()
    }
}
