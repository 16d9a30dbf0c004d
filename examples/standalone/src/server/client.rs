use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::Service;
use pin_project_lite::pin_project;
use portcullis::client_address::ClientAddress;

use super::activity::{Activity, UnderWay};
use super::body::ServedBody;
use super::shutdown::Stopping;

/// The service of one connection. It adds the [`ClientAddress`] to each request and counts those under
/// way. Once shutdown has begun, it adds `Connection: close` to each answer of HTTP/1.
pub(super) struct PerClient<S> {
    pub(super) inner: S,
    pub(super) client: ClientAddress,
    pub(super) activity: Arc<Activity>,
    pub(super) stopping: Stopping,
}

impl<S, B> Service<Request<Incoming>> for PerClient<S>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<ServedBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let under_way = Some(self.activity.request(request.version()));
        request.extensions_mut().insert(self.client);
        // HTTP/2 has frames for this, which hyper sends at the end of the grace period.
        let is_http1 = request.version() < Version::HTTP_2;
        ResponseFuture {
            stopping: is_http1.then(|| self.stopping.clone()),
            inner: self.inner.call(request),
            under_way,
        }
    }
}

pin_project! {
    /// The response future of [`PerClient`].
    pub(super) struct ResponseFuture<F> {
        #[pin]
        inner: F,
        stopping: Option<Stopping>,
        under_way: Option<UnderWay>,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ServedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        // Checked when the answer is ready, since the signal may have come in the meantime.
        if this.stopping.as_ref().is_some_and(Stopping::has_begun) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        let under_way = this.under_way.take();
        Poll::Ready(Ok(response.map(|body| ServedBody::new(body, under_way))))
    }
}
