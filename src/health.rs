//! Health checks: whether the gateway is alive, and whether it is ready to serve.
//!
//! [`Health`] is a leaf service for a supervisor or a load balancer.
//!
//! 1. GET and HEAD are answered; any other method is 405 with `Allow`.
//! 2. [`Health::live`] is always 200: the program runs and answers.
//! 3. [`Health::ready`] asks S3 for one object. It is 200 if the object can be read, and 503 otherwise, with
//!    the [`S3Error`] in the extensions of the response. S3 is asked at most once a
//!    second: requests within that second, or while S3 has not answered, get the same answer.
//!
//! # Deployment caveats
//!
//! Route exact paths to it, outside of the gate: supervisors hold no credentials. The answer is a bare yes
//! or no. A gateway that is not ready is still alive: a supervisor that restarts it for that only makes an
//! outage longer.
//!
//! # Example
//!
//! ```
//! use http::{Request, StatusCode};
//! use portcullis::health::Health;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let request = Request::get("/healthz").body(()).unwrap();
//! let response = Health::live().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//!
//! let request = Request::post("/healthz").body(()).unwrap();
//! let response = Health::live().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
//! # }
//! ```

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;
use tower_service::Service;

use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::refresh::{Answer, Refresh, Source};
use crate::response::{answer_to, method_not_allowed, short_text};
use crate::s3::{BucketClient, Outcome, ReadMethod, ReadRequest, S3Error};
use crate::upstream::{BoxError, HttpClient, RequestBody};

/// S3 is asked at most once in this time.
const INTERVAL: Duration = Duration::from_secs(1);

/// Answers whether the gateway is alive, or whether it is ready.
///
/// See the [module docs](crate::health) for the answers.
#[derive(Clone)]
#[must_use]
pub struct Health<C = HttpClient> {
    readiness: Option<Arc<Readiness<C>>>,
}

struct Readiness<C> {
    bucket: BucketClient<C>,
    key: ObjectKey,
    /// Tokio's clock, which no one sets back, gives the time.
    built: Instant,
    refresh: Refresh<(), S3Error>,
}

impl Health {
    /// Answers that the program is alive.
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
    /// Returns [`ConfigError`] for a path that cannot name an object: see [`crate::path`].
    pub fn ready(bucket: BucketClient<C>, path: &str) -> Result<Self, ConfigError> {
        let key = ObjectKey::from_any_spelling(path, bucket.bucket().prefix())
            .map_err(|error| ConfigError::new("health object", format!("{path:?}: {error}")))?;
        let readiness = Readiness {
            bucket,
            key,
            built: Instant::now(),
            refresh: Refresh::default(),
        };
        Ok(Self {
            readiness: Some(Arc::new(readiness)),
        })
    }
}

impl<C, B> Source for Readiness<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Value = ();
    type Error = S3Error;

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.built.elapsed()
    }

    fn ask(
        &self,
        _last: Option<&()>,
    ) -> impl Future<Output = Result<Answer<()>, S3Error>> + Send + use<C, B> + 'static {
        let (bucket, key) = (self.bucket.clone(), self.key.clone());
        async move {
            // A HEAD leaves nothing on the connection to be read.
            let request = ReadRequest::plain(ReadMethod::Head);
            match bucket.read(&key, &request).await? {
                Outcome::Found(_) => Ok(Answer::lasting((), INTERVAL)),
                _ => Err(S3Error::missing()),
            }
        }
    }

    /// The limits of [`BucketClient`] apply to each request of the call.
    fn time_limit(&self) -> Duration {
        Duration::MAX
    }

    /// An older abandoned call may have missed its answer.
    fn alone_limit(&self) -> Duration {
        INTERVAL
    }

    fn cooldown(&self) -> Duration {
        INTERVAL
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
        let method = request.method().clone();
        let asks = matches!(method, Method::GET | Method::HEAD);
        ResponseFuture::new(async move {
            let response = match readiness {
                _ if !asks => method_not_allowed("GET, HEAD"),
                Some(readiness) => answer(readiness.refresh.get(&*readiness).await),
                None => answer(Ok(())),
            };
            Ok(answer_to(&method, response).map(Full::new))
        })
    }
}

fn answer(outcome: Result<(), S3Error>) -> Response<Bytes> {
    match outcome {
        Ok(()) => short_text(StatusCode::OK, ""),
        Err(error) => {
            let mut response = short_text(StatusCode::SERVICE_UNAVAILABLE, "");
            response.extensions_mut().insert(error);
            response
        }
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

boxed_future! {
    /// The response future of [`Health`].
    pub struct ResponseFuture: 'static -> Result<Response<Full<Bytes>>, Infallible>;
    fn new;
}
