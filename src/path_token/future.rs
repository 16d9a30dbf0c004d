use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::REFERRER_POLICY;
use http::{HeaderValue, Response};
use pin_project_lite::pin_project;

use crate::response::{self, ResponseBody};

pin_project! {
    /// The future of [`PathToken`](super::PathToken).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        future: response::ResponseFuture<F>,
        had_token: bool,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: response::ResponseFuture<F>, had_token: bool) -> Self {
        Self { future, had_token }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.future.poll(cx))?;
        if *this.had_token {
            let policy = HeaderValue::from_static("no-referrer");
            response.headers_mut().insert(REFERRER_POLICY, policy);
        }
        Poll::Ready(Ok(response))
    }
}
