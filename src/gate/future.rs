use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::admission::AnswerHeaders;
use super::answer::{AnswerFuture, RefusalAnswer};
use super::authenticator::Authenticator;
use super::decision::VerdictFuture;
use super::policy::{Outcome, Policy};
use crate::response::{ResponseBody, answer_to};

pin_project! {
    /// The response future of [`Gate`](super::Gate).
    pub struct ResponseFuture<S, A, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, A, ReqBody>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, A, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        Deciding {
            verdict: VerdictFuture,
            waiting: Option<Waiting<S, A, ReqBody>>,
        },
        Inner {
            #[pin]
            future: S::Future,
            headers: AnswerHeaders,
        },
        Answering {
            answer: AnswerFuture,
            method: Method,
        },
        Respond {
            response: Option<Response<Bytes>>,
        },
    }
}

/// A request that waits for its verdict, and the service that is ready for it.
struct Waiting<S, A, ReqBody> {
    inner: S,
    policy: Arc<Policy<A>>,
    head: Parts,
    body: ReqBody,
}

impl<S, A, ReqBody> ResponseFuture<S, A, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn deciding(
        verdict: VerdictFuture,
        inner: S,
        policy: Arc<Policy<A>>,
        head: Parts,
        body: ReqBody,
    ) -> Self {
        let waiting = Some(Waiting {
            inner,
            policy,
            head,
            body,
        });
        Self {
            state: State::Deciding { verdict, waiting },
        }
    }

    pub(super) fn inner(future: S::Future, headers: AnswerHeaders) -> Self {
        Self {
            state: State::Inner { future, headers },
        }
    }

    pub(super) fn respond(method: Method, answer: RefusalAnswer) -> Self {
        Self {
            state: State::respond(method, answer),
        }
    }
}

impl<S, A, ReqBody> State<S, A, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn respond(method: Method, answer: RefusalAnswer) -> Self {
        match answer {
            RefusalAnswer::Now(response) => Self::Respond {
                response: Some(answer_to(&method, *response)),
            },
            RefusalAnswer::Later(answer) => Self::Answering { answer, method },
        }
    }
}

impl<S, A, ReqBody, ResBody> Future for ResponseFuture<S, A, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    A: Authenticator,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Deciding { verdict, waiting } => {
                    let verdict = ready!(Pin::new(verdict).poll(cx));
                    let Waiting {
                        mut inner,
                        policy,
                        mut head,
                        body,
                    } = waiting.take().expect("the state changes with the verdict");
                    match policy.enforce(verdict, &mut head) {
                        Outcome::Forward(headers) => {
                            let future = inner.call(Request::from_parts(head, body));
                            State::Inner { future, headers }
                        }
                        Outcome::Respond(answer) => State::respond(head.method, answer),
                    }
                }
                StateProj::Inner { future, headers } => {
                    let mut response = ready!(future.poll(cx))?;
                    std::mem::take(headers).apply(response.headers_mut());
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
                StateProj::Answering { answer, method } => {
                    let response = answer_to(method, ready!(Pin::new(answer).poll(cx)));
                    return Poll::Ready(Ok(response.map(ResponseBody::short)));
                }
                StateProj::Respond { response } => {
                    let response = response
                        .take()
                        .expect("the future was polled after it had completed");
                    return Poll::Ready(Ok(response.map(ResponseBody::short)));
                }
            };
            state.set(next);
        }
    }
}

impl<S, A, ReqBody> fmt::Debug for ResponseFuture<S, A, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
