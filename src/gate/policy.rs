use std::sync::Arc;

use http::header::SET_COOKIE;
use http::request::Parts;

use super::admission::{Admission, AnswerHeaders, Who};
use super::answer::RefusalAnswer;
use super::authenticator::Authenticator;
use super::decision::Verdict;
use super::identity::{Challenger, Identity, PassedGate};
use super::reason::RefusalKind;
use super::refusal::{Refusal, RefusalStyle};
use super::same_origin::{CROSS_SITE, is_same_origin_or_safe};
use super::shown::not_taken;

/// Why a gate inside of another finds no credential.
const TAKEN: &str = "no credential: a gate further out has admitted the request and taken it";

/// What the gate does with a request once there is a verdict.
pub(super) enum Outcome {
    /// It goes to the inner service, whose response gets these headers.
    Forward(AnswerHeaders),
    /// The gate responds.
    Respond(RefusalAnswer),
}

/// The method and the style of a gate. Futures that wait for a verdict and requests that have passed keep
/// it too.
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

    /// Enforces a verdict on the head of its request.
    pub(super) fn enforce(self: &Arc<Self>, verdict: Verdict, head: &mut Parts) -> Outcome {
        match verdict {
            Verdict::Admit(admission) => self.admit(admission, head),
            Verdict::Refuse(refusal) => Outcome::Respond(self.refuse(refusal, head)),
            Verdict::Answer(response) => Outcome::Respond(RefusalAnswer::Now(response)),
        }
    }

    fn admit(self: &Arc<Self>, admission: Admission, head: &mut Parts) -> Outcome {
        match admission.who {
            // A browser sends its cookies with requests that another site makes.
            Who::Known(identity) if identity.is_by_cookie() && !is_same_origin_or_safe(head) => {
                let refusal = Refusal::forbidden(CROSS_SITE);
                // The only copy of a session that the method has renewed: its old token is used up.
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
        // After the verdict, since the method may read its credential again until then. For an anonymous
        // request too, so that no password on a public path gets to the inner service.
        self.method.strip(head);
        Outcome::Forward(admission.answer)
    }

    fn refuse(&self, mut refusal: Refusal, head: &Parts) -> RefusalAnswer {
        if refusal.wants_challenge() {
            self.add_challenges(head, &mut refusal);
        }
        if refusal.kind() == RefusalKind::Missing {
            if head.extensions.get::<Identity>().is_some() {
                refusal.explain(TAKEN);
            } else if let Some(shown) = not_taken(head) {
                refusal.explain(shown);
            }
        }
        refusal.into_answer(head, self.style.as_ref())
    }

    fn add_challenges(&self, head: &Parts, refusal: &mut Refusal) {
        self.method.challenge(head, refusal);
        // A client could do nothing about a 401 that names no way to sign in.
        if !self.method.is_configured() {
            *refusal = Refusal::misconfigured("no method of the gate is configured");
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
