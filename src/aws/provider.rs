use std::fmt;
use std::sync::Arc;

use super::credentials::Credentials;
use super::error::CredentialsError;

/// A source of credentials to sign with.
///
/// It is asked for every request, so it should keep credentials until they expire. [`Credentials`]
/// provide themselves, and [`RefreshingCredentials`](super::RefreshingCredentials) keeps the credentials
/// of any other provider. As long as they are the same, a provider should return clones of one value, so
/// that the signer can keep its key.
pub trait CredentialsProvider: fmt::Debug + Send + Sync + 'static {
    /// Returns credentials that are valid now.
    ///
    /// The future fails with a [`CredentialsError`] if there are none.
    fn credentials(&self) -> CredentialsFuture<'_>;
}

impl CredentialsProvider for Credentials {
    fn credentials(&self) -> CredentialsFuture<'_> {
        CredentialsFuture::ready(Ok(self.clone()))
    }
}

impl<P: CredentialsProvider + ?Sized> CredentialsProvider for Arc<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        (**self).credentials()
    }
}

boxed_future! {
    /// The future of a [`CredentialsProvider`].
    pub struct CredentialsFuture<'a>: 'a -> Result<Credentials, CredentialsError>;
    pub fn new;
    pub fn ready;
}
