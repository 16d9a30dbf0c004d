use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use tower_service::Service;

use super::authenticator::Authenticator;
use super::challenger::Challenger;
use super::decision::{Admission, Decision, Verdict, Who};
use super::future::ResponseFuture;
use super::origin::is_same_origin_or_safe;
use super::refusal::Refusal;
use super::style::RefusalStyle;
use crate::response::ResponseBody;

/// Lets requests through to `S` by the decisions of the method `A`.
///
/// See the [module docs](crate::gate) for what it does with them.
#[derive(Clone, Debug)]
#[must_use]
pub struct Gate<S, A> {
    inner: S,
    policy: Policy<A>,
}

impl<S, A> Gate<S, A> {
    /// Guards `inner` by `method`.
    pub fn new(inner: S, method: A) -> Self {
        Self::with_style(inner, method, None)
    }

    pub(super) fn with_style(inner: S, method: A, style: Option<RefusalStyle>) -> Self {
        Self {
            inner,
            policy: Policy {
                method: Arc::new(method),
                style,
            },
        }
    }

    /// The service behind the gate.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }
}

impl<S, A, ReqBody, ResBody> Service<Request<ReqBody>> for Gate<S, A>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    A: Authenticator,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, A, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let verdict = match self.policy.method.authenticate(&head) {
            Decision::Now(verdict) => verdict,
            Decision::Absent => Verdict::Refuse(Refusal::missing()),
            Decision::Later(verdict) => {
                // The service that is ready goes with the future, its clone stays behind: see
                // "Be careful when cloning inner services" in the docs of `tower::Service`.
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                return ResponseFuture::deciding(verdict, ready, self.policy.clone(), head, body);
            }
        };
        match self.policy.enforce(verdict, &mut head) {
            Outcome::Forward(headers) => {
                ResponseFuture::inner(self.inner.call(Request::from_parts(head, body)), headers)
            }
            Outcome::Respond(response) => ResponseFuture::respond(response),
        }
    }
}

/// What happens to a request once its verdict is there.
pub(super) enum Outcome {
    /// It goes on, and these headers go on its answer.
    Forward(HeaderMap),
    /// It is answered here.
    Respond(Response<Bytes>),
}

/// The method and the style of a gate; it outlives the gate in futures that wait for a verdict.
#[derive(Debug)]
pub(super) struct Policy<A> {
    method: Arc<A>,
    style: Option<RefusalStyle>,
}

// By hand, since the method itself need not be `Clone`.
impl<A> Clone for Policy<A> {
    fn clone(&self) -> Self {
        Self {
            method: Arc::clone(&self.method),
            style: self.style.clone(),
        }
    }
}

impl<A: Authenticator> Policy<A> {
    pub(super) fn enforce(&self, verdict: Verdict, head: &mut Parts) -> Outcome {
        match verdict {
            Verdict::Admit(admission) => self.admit(admission, head),
            Verdict::Refuse(refusal) => Outcome::Respond(self.refuse(refusal, head)),
            Verdict::Answer(response) => Outcome::Respond(*response),
        }
    }

    fn admit(&self, admission: Admission, head: &mut Parts) -> Outcome {
        match admission.who {
            Who::Known(identity) if identity.is_by_cookie() && !is_same_origin_or_safe(head) => {
                let refusal =
                    Refusal::forbidden("a cookie does not authorise a cross-site request");
                return Outcome::Respond(self.refuse(refusal, head));
            }
            Who::Known(mut identity) => {
                identity.gate = Some(self.challenger());
                head.extensions.insert(identity);
            }
            Who::Anonymous => {
                head.extensions.insert(self.challenger());
            }
            Who::AsBefore => {}
        }
        self.method.strip(head);
        Outcome::Forward(admission.response_headers)
    }

    fn refuse(&self, mut refusal: Refusal, head: &Parts) -> Response<Bytes> {
        if refusal.wants_challenge() {
            self.method.challenge(head, &mut refusal);
            if !self.method.is_configured() {
                refusal = Refusal::misconfigured("the gate has no method to sign in by");
            }
        }
        refusal.into_response(head, self.style.as_ref())
    }

    fn challenger(&self) -> Challenger {
        let method = Arc::clone(&self.method);
        Challenger::new(method, self.style.clone())
    }
}

/// Puts the headers of an admission on the inner service's answer.
pub(super) fn decorate(response: &mut HeaderMap, admission: HeaderMap) {
    let mut current = None;
    for (name, value) in admission {
        // `HeaderMap` names a header once and then gives its further values without a name.
        let is_further_value = name.is_none();
        current = name.or(current);
        let Some(name) = &current else { continue };
        if is_further_value || name == SET_COOKIE {
            response.append(name, value);
        } else {
            response.insert(name, value);
        }
    }
}
