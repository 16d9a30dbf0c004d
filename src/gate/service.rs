use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::future::ResponseFuture;
use super::policy::{Outcome, Policy};
use super::refusal::{Refusal, RefusalStyle};
use crate::response::ResponseBody;

/// Service that passes requests to `S` if the method `A` admits them.
///
/// See the [module docs](crate::gate) for the outcomes.
#[derive(Clone, Debug)]
#[must_use]
pub struct Gate<S, A> {
    inner: S,
    policy: Arc<Policy<A>>,
}

impl<S, A: Authenticator> Gate<S, A> {
    /// Guards `inner` by `method`.
    pub fn new(inner: S, method: A) -> Self {
        Self::with_style(inner, method, None)
    }

    pub(super) fn with_style(inner: S, method: A, style: Option<RefusalStyle>) -> Self {
        Self {
            inner,
            policy: Arc::new(Policy::new(method, style)),
        }
    }

    inner_service_accessors!();
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
        let verdict = match self.policy.method().authenticate(&head) {
            Decision::Now(verdict) => verdict,
            Decision::Absent => Verdict::Refuse(Refusal::missing()),
            Decision::Later(verdict) => {
                // The future takes the service that is ready, and its clone stays: see
                // "Be careful when cloning inner services" in the docs of `tower::Service`.
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                return ResponseFuture::deciding(
                    verdict,
                    ready,
                    Arc::clone(&self.policy),
                    head,
                    body,
                );
            }
        };
        match self.policy.enforce(verdict, &mut head) {
            Outcome::Forward(headers) => {
                ResponseFuture::inner(self.inner.call(Request::from_parts(head, body)), headers)
            }
            Outcome::Respond(answer) => ResponseFuture::respond(head.method, answer),
        }
    }
}
