use std::sync::Arc;

use http::header::SET_COOKIE;
use http::request::Parts;

use super::answer::RefusalAnswer;
use super::answer_headers::AnswerHeaders;
use super::authenticator::Authenticator;
use super::challenger::{Challenger, PassedGate};
use super::decision::{Admission, Verdict, Who};
use super::origin::is_same_origin_or_safe;
use super::refusal::{Refusal, RefusalStyle};

/// What happens to a request once its verdict is there.
pub(super) enum Outcome {
    /// It goes on, and these headers go on its answer.
    Forward(AnswerHeaders),
    /// It is answered here.
    Respond(RefusalAnswer),
}

/// The method and the style of a gate; it outlives the gate in futures that wait for a verdict and
/// in the requests that have passed.
#[derive(Debug)]
pub(super) struct Policy<A> {
    method: A,
    style: Option<RefusalStyle>,
}

impl<A: Authenticator> Policy<A> {
    pub(super) fn new(method: A, style: Option<RefusalStyle>) -> Self {
        Self { method, style }
    }

    pub(super) fn method(&self) -> &A {
        &self.method
    }

    /// Carries a verdict out on the head of its request.
    pub(super) fn enforce(self: &Arc<Self>, verdict: Verdict, head: &mut Parts) -> Outcome {
        match verdict {
            Verdict::Admit(admission) => self.admit(admission, head),
            Verdict::Refuse(refusal) => Outcome::Respond(self.refuse(refusal, head)),
            Verdict::Answer(response) => Outcome::Respond(RefusalAnswer::Now(response)),
        }
    }

    fn admit(self: &Arc<Self>, admission: Admission, head: &mut Parts) -> Outcome {
        match admission.who {
            // A browser sends its cookies with whatever another site makes it send.
            Who::Known(identity) if identity.is_by_cookie() && !is_same_origin_or_safe(head) => {
                let refusal =
                    Refusal::forbidden("a cookie does not authorise a cross-site request");
                // What the method has renewed is nowhere else: the old token is used up.
                let cookies = admission.answer.headers.get_all(SET_COOKIE).iter();
                let refusal = cookies.fold(refusal, |refusal, cookie| {
                    refusal.with_header(SET_COOKIE, cookie.clone())
                });
                return Outcome::Respond(self.refuse(refusal, head));
            }
            Who::Known(mut identity) => {
                identity.gate = Some(self.passed());
                head.extensions.insert(identity);
            }
            Who::Anonymous => {
                head.extensions.insert(self.passed());
            }
            Who::AsBefore => {}
        }
        // After the verdict, since the method may have to read its credential again until then; and for
        // an anonymous request too, so that a public path leaks no password to what is behind it.
        self.method.strip(head);
        Outcome::Forward(admission.answer)
    }

    fn refuse(&self, mut refusal: Refusal, head: &Parts) -> RefusalAnswer {
        if refusal.wants_challenge() {
            self.add_challenges(head, &mut refusal);
        }
        refusal.into_answer(head, self.style.as_ref())
    }

    fn add_challenges(&self, head: &Parts, refusal: &mut Refusal) {
        self.method.challenge(head, refusal);
        // A 401 that names no way to sign in would send the client round in circles.
        if !self.method.is_configured() {
            *refusal = Refusal::misconfigured("the gate has no method to sign in by");
        }
    }

    fn passed(self: &Arc<Self>) -> PassedGate {
        let policy = Arc::clone(self);
        PassedGate::new(policy)
    }
}

impl<A: Authenticator> Challenger for Policy<A> {
    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.add_challenges(head, refusal);
        refusal.inherit_style(self.style.as_ref());
    }
}
