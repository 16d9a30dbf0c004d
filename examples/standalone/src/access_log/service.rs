use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower::Service;

use super::body::LoggedBody;
use super::entry::Entry;
use super::future::ResponseFuture;
use super::log::Log;
use super::meter::Meter;

/// Writes a log line for each request.
#[derive(Clone)]
pub(crate) struct AccessLog<S> {
    inner: S,
    log: Arc<Log>,
    meter: Meter,
}

impl<S> AccessLog<S> {
    pub(super) fn new(inner: S, log: Arc<Log>, meter: Meter) -> Self {
        Self { inner, log, meter }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AccessLog<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body,
{
    type Response = Response<LoggedBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let entry = Entry::begin(Arc::clone(&self.log), self.meter, &mut request);
        ResponseFuture::new(self.inner.call(request), entry)
    }
}
