use http::request::Parts;

use super::admission::Admission;
use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;

/// Admits every request anonymously.
///
/// With this method, an open stack has the same type as a guarded one. It reads and removes no credential,
/// and inner parts find no [`Identity`](super::Identity). In [`AnyOf`](super::AnyOf) it makes the other
/// methods optional, as [`Optional`](super::Optional) does.
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
    /// Leaves the inner service open to every client.
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
