use std::collections::HashMap;
use std::fmt;

use super::digest::TokenDigest;
use super::error::TokenFileError;
use super::record::TokenRecord;
use super::store::{Lookup, TokenStore};

/// The tokens of a file.
///
/// See the [module docs](crate::token) for its form.
pub struct TokenTable {
    records: HashMap<TokenDigest, TokenRecord>,
}

impl TokenTable {
    /// Parses the contents of a file. With no tokens, nobody is admitted.
    ///
    /// # Errors
    ///
    /// [`TokenFileError`] for the first entry that is not as the [module docs](crate::token) have it.
    pub fn parse(_contents: &[u8]) -> Result<Self, TokenFileError> {
        unimplemented!()
    }

    /// How many tokens there are, with those that are no longer good.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl TokenStore for TokenTable {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        Lookup::Now(Ok(self.records.get(digest).cloned()))
    }
}

impl fmt::Debug for TokenTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenTable")
            .field("tokens", &self.records.len())
            .finish_non_exhaustive()
    }
}
