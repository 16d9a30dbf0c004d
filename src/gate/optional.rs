use http::header::SET_COOKIE;
use http::request::Parts;

use super::admission::Admission;
use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::reason::RefusalKind;
use super::refusal::Refusal;

/// Admits anonymously who shows nothing, and never who shows a wrong thing.
///
/// A credential of another kind is nothing to the method: `Optional` Basic auth lets a request with
/// `Authorization: Bearer …` in anonymously, and the field goes on to the inner service.
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

/// Lets in anonymously where the credential is missing, with the headers that the refusal would have
/// had, such as one that clears a stale cookie.
fn unless_missing(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Refuse(refusal) if refusal.kind() == RefusalKind::Missing => {
            let headers = refusal.into_headers();
            // A shared cache would clear the cookie of everybody else as well.
            let is_private = headers.contains_key(SET_COOKIE);
            let admission = Admission::anonymous().with_response_headers(headers);
            Verdict::Admit(if is_private {
                admission.with_private_answer()
            } else {
                admission
            })
        }
        verdict => verdict,
    }
}

impl<A: Authenticator> Authenticator for Optional<A> {
    fn authenticate(&self, head: &Parts) -> Decision {
        match self.method.authenticate(head) {
            Decision::Absent => Decision::Now(Verdict::Admit(Admission::anonymous())),
            Decision::Now(verdict) => Decision::Now(unless_missing(verdict)),
            Decision::Later(verdict) => {
                Decision::later(async move { unless_missing(verdict.await) })
            }
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
