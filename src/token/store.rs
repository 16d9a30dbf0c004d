use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::digest::TokenDigest;
use super::record::TokenRecord;

/// Where tokens are looked up, by their digests.
///
/// It is asked at every request for the token, which it may do well to remember. A look-up by the
/// digest need not take the same time for each: what a client could learn from it are digests, and
/// it cannot choose a token that has a digest it wants.
pub trait TokenStore: Send + Sync + 'static {
    /// What is known of the token with this digest.
    fn find(&self, digest: &TokenDigest) -> Lookup;
}

impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        (**self).find(digest)
    }
}

/// What a [`TokenStore`] has to say.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lookup {
    /// Found out at once. `None` where there is no such token.
    Now(Result<Option<TokenRecord>, TokenStoreError>),
    /// Finding out takes time.
    Later(LookupFuture),
}

impl Lookup {
    /// Finds out by a future.
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

/// A store could not find out. The request is refused with 503.
#[derive(Debug)]
pub struct TokenStoreError(Box<dyn Error + Send + Sync>);

impl TokenStoreError {
    /// Wraps what went wrong, for the log.
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
