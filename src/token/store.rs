use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::digest::TokenDigest;
use super::record::TokenRecord;

/// A store of tokens by their digests.
///
/// It is called with every request, and may cache. A look-up need not take constant time: a client could
/// only learn about digests from it, and cannot find a token for a given digest.
pub trait TokenStore: Send + Sync + 'static {
    /// Looks up the token with this digest.
    fn find(&self, digest: &TokenDigest) -> Lookup;
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        (**self).find(digest)
    }
}

/// The result of a look-up in a [`TokenStore`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Lookup {
    /// Known at once. `None` if there is no such token.
    Now(Result<Option<TokenRecord>, TokenStoreError>),
    /// Known later.
    Later(LookupFuture),
}

impl Lookup {
    /// A result that a future returns.
    #[must_use]
    pub fn later<F>(found: F) -> Self
    where
        F: Future<Output = Result<Option<TokenRecord>, TokenStoreError>> + Send + 'static,
    {
        Self::Later(LookupFuture::new(found))
    }
}

boxed_future! {
    /// The future of a [`Lookup`].
    pub struct LookupFuture: 'static -> Result<Option<TokenRecord>, TokenStoreError>;
    pub fn new;
}

/// A look-up failed. The request is refused with 503.
#[derive(Debug)]
pub struct TokenStoreError(Box<dyn Error + Send + Sync>);

impl TokenStoreError {
    /// Wraps the cause, for the log.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for TokenStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token store failed")
    }
}

impl Error for TokenStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
