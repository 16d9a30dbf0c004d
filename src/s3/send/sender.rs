use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use http_body::Body;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;
use tower_service::Service;

use crate::aws::{Credentials, CredentialsProvider, Payload, Signer};
use crate::clock::{Clock, SystemClock};
use crate::s3::body::ObjectBody;
use crate::s3::bucket::Bucket;
use crate::s3::error::{S3Error, S3ErrorKind};
use crate::secret::Secret;
use crate::upstream::{BoxError, RequestBody};

/// Longest wait for the beginning of an answer, by default.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for the next bytes of an object, by default.
const IDLE_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Signs requests to one bucket and sends them.
#[derive(Clone)]
pub(in crate::s3) struct Sender<C> {
    pub(in crate::s3) client: C,
    pub(in crate::s3) bucket: Arc<Bucket>,
    pub(in crate::s3) credentials: Arc<dyn CredentialsProvider>,
    pub(in crate::s3) clock: Arc<dyn Clock>,
    pub(in crate::s3) first_byte_timeout: Duration,
    pub(in crate::s3) idle_body_timeout: Duration,
    signer: Arc<Signer>,
}

impl<C> Sender<C> {
    pub(in crate::s3) fn new(
        client: C,
        bucket: Bucket,
        credentials: impl CredentialsProvider,
    ) -> Self {
        Self {
            client,
            signer: Arc::new(Signer::for_s3(bucket.region().clone())),
            bucket: Arc::new(bucket),
            credentials: Arc::new(credentials),
            clock: Arc::new(SystemClock),
            first_byte_timeout: FIRST_BYTE_TIMEOUT,
            idle_body_timeout: IDLE_BODY_TIMEOUT,
        }
    }

    /// Signs a request. `payload` describes its body.
    pub(super) async fn sign(
        &self,
        request: Request<RequestBody>,
        payload: Payload,
        patience: Duration,
    ) -> Result<Request<RequestBody>, S3Error> {
        let credentials = self.credentials(patience).await?;
        let (mut head, body) = request.into_parts();
        self.signer
            .sign(&mut head, payload, &credentials, self.clock.now())
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))?;
        Ok(Request::from_parts(head, body))
    }

    /// A URL by which anybody can send this request.
    pub(in crate::s3) async fn presign(
        &self,
        method: Method,
        uri: &Uri,
        expires: Duration,
    ) -> Result<Secret, S3Error> {
        let credentials = self.credentials(self.first_byte_timeout).await?;
        self.signer
            .presign(method, uri, expires, &credentials, self.clock.now())
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))
    }

    async fn credentials(&self, patience: Duration) -> Result<Credentials, S3Error> {
        let failed = |error: BoxError| S3Error::without_answer(S3ErrorKind::Credentials, error);
        timeout(patience, self.credentials.credentials())
            .await
            .map_err(|late| failed(late.into()))?
            .map_err(|error| failed(error.into()))
    }
}

impl<C, B> Sender<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Signs a request and sends it, once. `payload` describes its body. The answer must begin within
    /// `patience`.
    pub(super) async fn send(
        &self,
        request: Request<RequestBody>,
        payload: Payload,
        patience: Duration,
    ) -> Result<Response<ObjectBody<B>>, S3Error> {
        let begun = Instant::now();
        let request = self.sign(request, payload, patience).await?;
        // A clone of its own for each request, which is polled to readiness before it is called.
        let sent = self.client.clone().oneshot(request);
        let response = timeout(patience.saturating_sub(begun.elapsed()), sent)
            .await
            .map_err(|late| S3Error::without_answer(S3ErrorKind::TimedOut, late))?
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Unreachable, error))?;
        Ok(response.map(|body| ObjectBody::new(body, self.idle_body_timeout)))
    }
}
