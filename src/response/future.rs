use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Method, Response};
use pin_project_lite::pin_project;

use super::body::ResponseBody;
use super::short::answer_to;

pin_project! {
    /// The response future of a layer that decides at once: the inner service's, or a response of its own.
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProj]
    #[derive(Debug)]
    enum Kind<F> {
        Inner { #[pin] future: F },
        Answer { response: Option<Response<Bytes>> },
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn inner(future: F) -> Self {
        Self {
            kind: Kind::Inner { future },
        }
    }

    /// The layer's own response to a request with `method`.
    pub(crate) fn answer(method: &Method, response: Response<Bytes>) -> Self {
        Self {
            kind: Kind::Answer {
                response: Some(answer_to(method, response)),
            },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project().kind.project() {
            KindProj::Inner { future } => {
                ready!(future.poll(cx)).map(|response| response.map(ResponseBody::inner))
            }
            KindProj::Answer { response } => Ok(response
                .take()
                .expect("the future was polled after it had completed")
                .map(ResponseBody::short)),
        })
    }
}
