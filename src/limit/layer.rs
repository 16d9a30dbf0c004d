use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::body::CountedBody;
use super::future::ResponseFuture;
use super::room::{Entry, Limits, Room};
use crate::response::ResponseBody;

/// Layer that bounds the requests under way.
///
/// See the [module docs](crate::limit) for how they are counted and refused. Clones of the layer and
/// the services of one layer share their counts; each `with_*` makes a layer with counts of its own.
///
/// ```
/// use std::time::Duration;
/// use portcullis::limit::RequestLimitLayer;
///
/// // Outside of a gate.
/// let requests = RequestLimitLayer::new(2048)
///     .with_max_per_network(256)
///     .with_queue(1024, Duration::from_secs(10));
/// // Inside of it, around a leaf that asks S3.
/// let exchanges = RequestLimitLayer::new(512).with_max_per_identity(256);
/// # let _ = (requests, exchanges);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestLimitLayer {
    room: Arc<Room>,
}

impl RequestLimitLayer {
    /// Lets `max` requests be under way at once. With 0, every request is refused.
    pub fn new(max: usize) -> Self {
        Self::of(Limits {
            in_all: max,
            per_network: None,
            per_identity: None,
            queue: None,
        })
    }

    /// Bounds the requests of each [`ClientNetwork`](crate::client_address::ClientNetwork), too. By
    /// default there is no such limit.
    pub fn with_max_per_network(self, max: usize) -> Self {
        self.with(|limits| limits.per_network = Some(max))
    }

    /// Bounds the requests of each [`Identity`](crate::gate::Identity), too. By default there is no such
    /// limit.
    pub fn with_max_per_identity(self, max: usize) -> Self {
        self.with(|limits| limits.per_identity = Some(max))
    }

    /// Lets up to `length` requests beyond a limit wait, each at most for `longest_wait`. By default
    /// they are refused at once. A queue needs a tokio runtime with time.
    pub fn with_queue(self, length: usize, longest_wait: Duration) -> Self {
        self.with(|limits| limits.queue = Some((length, longest_wait)))
    }

    fn with(self, set: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = self.room.limits().clone();
        set(&mut limits);
        Self::of(limits)
    }

    fn of(limits: Limits) -> Self {
        Self {
            room: Arc::new(Room::new(limits)),
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.room.is_empty()
    }
}

impl<S> Layer<S> for RequestLimitLayer {
    type Service = RequestLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequestLimit {
            inner,
            room: Arc::clone(&self.room),
        }
    }
}

/// Passes on as many requests at once as [`RequestLimitLayer`] allows.
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestLimit<S> {
    inner: S,
    room: Arc<Room>,
}

impl<S> RequestLimit<S> {
    inner_service_accessors!();
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RequestLimit<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
{
    type Response = Response<ResponseBody<CountedBody<ResBody>>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, body) = request.into_parts();
        let entry = self.room.enter(&head);
        let request = Request::from_parts(head, body);
        match entry {
            Entry::Now(permit) => ResponseFuture::running(self.inner.call(request), permit),
            Entry::Refused(reached) => ResponseFuture::refused(request.method().clone(), reached),
            Entry::Later(turn) => {
                // The service that is ready goes with the request.
                let clone = self.inner.clone();
                let inner = mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(turn, inner, request)
            }
        }
    }
}
