use http::header::SET_COOKIE;
use http::request::Parts;

use super::admission::Admission;
use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::reason::RefusalKind;
use super::refusal::Refusal;

/// Admits a request without a credential anonymously. A wrong credential is still refused.
///
/// A credential of another kind counts as none: optional Basic auth admits a request with
/// `Authorization: Bearer …` anonymously, and the inner service gets the field.
///
/// Inner parts find no [`Identity`](super::Identity) in an anonymous request. A
/// [`RequireScopeLayer`](super::RequireScopeLayer) further in refuses it as the method would have.
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

/// Admits anonymously if the credential is missing, with the headers that the refusal would have had, such
/// as one that clears a stale cookie.
fn unless_missing(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Refuse(refusal) if refusal.kind() == RefusalKind::Missing => {
            let headers = refusal.into_headers();
            // From a shared cache, it would clear the cookies of other clients as well.
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
