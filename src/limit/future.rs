use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Method, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::body::CountedBody;
use super::reached::LimitReached;
use super::room::{Permit, Turn};
use crate::response::{ResponseBody, answer_to};

pin_project! {
    /// The response future of [`RequestLimit`](super::RequestLimit).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        stage: Stage<S, B, S::Future>,
    }
}

pin_project! {
    #[project = StageProj]
    enum Stage<S, B, F> {
        Waiting {
            turn: Turn,
            // The service that was ready, and its request.
            call: Option<(S, Request<B>)>,
        },
        Running {
            #[pin]
            future: F,
            permit: Option<Permit>,
        },
        Refused {
            reached: LimitReached,
            method: Method,
        },
    }
}

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    pub(super) fn waiting(turn: Turn, inner: S, request: Request<B>) -> Self {
        let call = Some((inner, request));
        Self {
            stage: Stage::Waiting { turn, call },
        }
    }

    pub(super) fn running(future: S::Future, permit: Permit) -> Self {
        let permit = Some(permit);
        Self {
            stage: Stage::Running { future, permit },
        }
    }

    pub(super) fn refused(method: Method, reached: LimitReached) -> Self {
        Self {
            stage: Stage::Refused { reached, method },
        }
    }
}

impl<S, B, ResBody> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<ResBody>>,
{
    type Output = Result<Response<ResponseBody<CountedBody<ResBody>>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.project().stage;
        loop {
            let next = match stage.as_mut().project() {
                StageProj::Waiting { turn, call } => {
                    let turn = ready!(Pin::new(turn).poll(cx));
                    let (mut inner, request) = call
                        .take()
                        .expect("the stage changes once the request is taken");
                    match turn {
                        Err(reached) => Stage::Refused {
                            reached,
                            method: request.method().clone(),
                        },
                        Ok(permit) => Stage::Running {
                            future: inner.call(request),
                            permit: Some(permit),
                        },
                    }
                }
                StageProj::Running { future, permit } => {
                    let response = ready!(future.poll(cx))?;
                    let permit = permit
                        .take()
                        .expect("the future was polled after it had completed");
                    let counted = |body| ResponseBody::inner(CountedBody::new(body, permit));
                    return Poll::Ready(Ok(response.map(counted)));
                }
                StageProj::Refused { reached, method } => {
                    let response = answer_to(method, reached.response());
                    return Poll::Ready(Ok(response.map(ResponseBody::short)));
                }
            };
            stage.set(next);
        }
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<B>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
