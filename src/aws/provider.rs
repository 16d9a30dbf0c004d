use std::fmt;
use std::sync::Arc;

use super::credentials::Credentials;
use super::error::CredentialsError;

/// Where the credentials to sign with come from.
///
/// Asked for every request, so it keeps what it has until that expires: [`Credentials`] provide
/// themselves, and [`RefreshingCredentials`](super::RefreshingCredentials) keep what any other
/// provider gives. As long as the credentials are the same, it returns clones of one value, which lets
/// the signer keep its key.
pub trait CredentialsProvider: fmt::Debug + Send + Sync + 'static {
    /// The credentials that are good now.
    ///
    /// The future fails with a [`CredentialsError`] where there are none.
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

pub(super) type Outcome = Result<Credentials, CredentialsError>;

boxed_future! {
    /// The future of a [`CredentialsProvider`].
    pub struct CredentialsFuture<'a>: 'a -> Result<Credentials, CredentialsError>;
    pub fn new;
    pub fn ready;
}
