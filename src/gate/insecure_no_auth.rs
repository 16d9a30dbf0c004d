use http::request::Parts;

use super::admission::Admission;
use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;

/// Admits every request anonymously.
///
/// A public mount has this method, so that its stack is put together like that of a private one. It
/// reads no credential and removes none; inner parts find no [`Identity`](super::Identity). Within
/// [`AnyOf`](super::AnyOf) it makes the other methods optional, as
/// [`Optional`](super::Optional) does.
///
/// ```
/// use portcullis::gate::InsecureNoAuth;
/// use tower_layer::Layer;
///
/// # let inner = ();
/// let service = InsecureNoAuth::new().layer(inner);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct InsecureNoAuth(());

impl InsecureNoAuth {
    /// Leaves whatever is inside open to every client.
    #[expect(
        clippy::new_without_default,
        reason = "nothing insecure happens by default"
    )]
    pub fn new() -> Self {
        Self(())
    }
}

impl Authenticator for InsecureNoAuth {
    fn authenticate(&self, _head: &Parts) -> Decision {
        Decision::Now(Verdict::Admit(Admission::anonymous()))
    }

    /// It refuses no request.
    fn challenge(&self, _head: &Parts, _refusal: &mut Refusal) {}

    /// It has no kind of credential.
    fn strip(&self, _head: &mut Parts) {}
}

impl_layer_for_method!(InsecureNoAuth);
