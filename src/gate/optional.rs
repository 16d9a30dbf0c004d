use http::request::Parts;

use super::any_of::is_missing;
use super::authenticator::Authenticator;
use super::decision::{Admission, Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;

/// Admits anonymously who shows nothing, and never who shows a wrong thing.
///
/// Inner parts find no [`Identity`](super::Identity) in an anonymous request; a
/// [`RequireScopeLayer`](super::RequireScopeLayer) further in answers it as the method would have.
#[derive(Clone, Debug)]
#[must_use]
pub struct Optional<A> {
    method: A,
}

impl<A: Authenticator> Optional<A> {
    /// Makes the method optional.
    pub fn new(method: A) -> Self {
        Self { method }
    }
}

fn anonymous() -> Verdict {
    Verdict::Admit(Admission::anonymous())
}

impl<A: Authenticator> Authenticator for Optional<A> {
    fn authenticate(&self, head: &Parts) -> Decision {
        match self.method.authenticate(head) {
            Decision::Absent => Decision::Now(anonymous()),
            Decision::Now(verdict) if is_missing(&verdict) => Decision::Now(anonymous()),
            Decision::Now(verdict) => Decision::Now(verdict),
            Decision::Later(verdict) => Decision::later(async move {
                let verdict = verdict.await;
                if is_missing(&verdict) {
                    anonymous()
                } else {
                    verdict
                }
            }),
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.method.challenge(head, refusal);
    }

    fn strip(&self, head: &mut Parts) {
        self.method.strip(head);
    }

    fn owns_route(&self, head: &Parts) -> bool {
        self.method.owns_route(head)
    }

    fn is_configured(&self) -> bool {
        self.method.is_configured()
    }
}

impl_layer_for_method!(Optional<A>);
