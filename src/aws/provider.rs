use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

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

/// The future of a [`CredentialsProvider`].
pub struct CredentialsFuture<'a> {
    kind: Kind<'a>,
}

enum Kind<'a> {
    Ready(Option<Outcome>),
    // Boxed because the provider is a trait object.
    Waiting(Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>),
}

impl<'a> CredentialsFuture<'a> {
    /// Credentials that are at hand.
    #[must_use]
    pub fn ready(outcome: Result<Credentials, CredentialsError>) -> Self {
        Self {
            kind: Kind::Ready(Some(outcome)),
        }
    }

    /// Credentials that have to be fetched.
    #[must_use]
    pub fn new(
        future: impl Future<Output = Result<Credentials, CredentialsError>> + Send + 'a,
    ) -> Self {
        Self {
            kind: Kind::Waiting(Box::pin(future)),
        }
    }
}

impl Future for CredentialsFuture<'_> {
    type Output = Result<Credentials, CredentialsError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.kind {
            Kind::Ready(outcome) => Poll::Ready(
                outcome
                    .take()
                    .expect("the future was polled after it had completed"),
            ),
            Kind::Waiting(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for CredentialsFuture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsFuture")
    }
}
