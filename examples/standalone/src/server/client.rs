use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{CONNECTION, CONTENT_LENGTH};
use http::{HeaderValue, Method, Request, Response, Version};
use http_body::Body;
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
    B: Body,
{
    type Response = Response<ServedBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let under_way = Some(self.activity.request());
        request.extensions_mut().insert(self.client);
        // HTTP/2 has frames for this, which hyper sends at the end of the grace period.
        let is_http1 = request.version() < Version::HTTP_2;
        ResponseFuture {
            stopping: is_http1.then(|| self.stopping.clone()),
            has_no_body: !is_http1 && request.method() == Method::HEAD,
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
        has_no_body: bool,
        under_way: Option<UnderWay>,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
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
        if *this.has_no_body {
            add_length(&mut response);
            return Poll::Ready(Ok(response.map(|_| ServedBody::empty())));
        }
        Poll::Ready(Ok(response.map(|body| ServedBody::new(body, under_way))))
    }
}

/// Adds the length that a GET would have. hyper leaves the body of an answer to HEAD out on HTTP/1 only, and
/// on HTTP/2 a client would take it for an error (RFC 9113 section 8.1.1).
fn add_length<B: Body>(response: &mut Response<B>) {
    let length = response.body().size_hint().exact();
    let length = length.filter(|length| *length > 0).map(HeaderValue::from);
    if let Some(length) = length {
        let headers = response.headers_mut();
        headers.entry(CONTENT_LENGTH).or_insert(length);
    }
}
