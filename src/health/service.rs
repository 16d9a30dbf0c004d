use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

use super::answer::answer;
use super::future::ResponseFuture;
use super::readiness::Readiness;
use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::response::method_not_allowed;
use crate::s3::BucketClient;
use crate::upstream::{BoxError, HttpClient, RequestBody};

/// Answers whether the gateway lives, or whether it is ready.
///
/// See the [module docs](crate::health) for what is answered how.
#[derive(Clone)]
#[must_use]
pub struct Health<C = HttpClient> {
    readiness: Option<Arc<Readiness<C>>>,
}

impl Health {
    /// Answers that the program lives.
    pub fn live() -> Self {
        Self { readiness: None }
    }
}

impl<C> Health<C> {
    /// Answers whether the object at `path`, below the bucket's prefix, can be read. The path is
    /// percent-encoded as in a URL, in any spelling.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a path that names no object: see [`crate::path`].
    pub fn ready(bucket: BucketClient<C>, path: &str) -> Result<Self, ConfigError> {
        let key = ObjectKey::from_any_spelling(path, bucket.bucket().prefix())
            .map_err(|error| ConfigError::new("health object", format!("{path:?}: {error}")))?;
        Ok(Self {
            readiness: Some(Arc::new(Readiness::new(bucket, key))),
        })
    }
}

impl<C, B, ReqBody> Service<Request<ReqBody>> for Health<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> ResponseFuture {
        let readiness = self.readiness.clone();
        let asks = matches!(*request.method(), Method::GET | Method::HEAD);
        ResponseFuture::new(async move {
            let response = match readiness {
                _ if !asks => method_not_allowed("GET, HEAD"),
                Some(readiness) => answer(readiness.verdict().await),
                None => answer(Ok(())),
            };
            Ok(response.map(Full::new))
        })
    }
}

impl<C> fmt::Debug for Health<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readiness = self.readiness.as_deref();
        f.debug_struct("Health")
            .field("bucket", &readiness.map(|it| it.bucket.bucket()))
            .field("key", &readiness.map(|it| it.key.as_str()))
            .finish()
    }
}
