use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use tower::ServiceExt;
use tower_service::Service;

use super::bucket::Bucket;
use super::error::{S3Error, S3ErrorKind};
use super::error_document::{self, ErrorDocument};
use crate::aws::{CredentialsProvider, Payload, Signer};
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::upstream::{BoxError, Conditionals, HttpClient, RangeRequest, RequestBody};

/// Reads objects from one bucket: signs, sends, and tells what came back. A clone costs a few
/// counters.
#[derive(Clone)]
pub struct BucketClient<C = HttpClient> {
    client: C,
    bucket: Arc<Bucket>,
    signer: Arc<Signer>,
    credentials: Arc<dyn CredentialsProvider>,
    clock: Arc<dyn Clock>,
}

/// The methods that can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadMethod {
    Get,
    Head,
}

/// What to ask of an object.
#[derive(Clone, Debug)]
pub(crate) struct ReadRequest {
    pub(crate) method: ReadMethod,
    /// The conditional headers of RFC 9110 section 13.1, but `If-Range`.
    pub(crate) conditionals: Conditionals,
    pub(crate) range: RangeRequest,
}

impl ReadRequest {
    /// Asks for what describes the object, whichever it is.
    pub(crate) fn head() -> Self {
        Self {
            method: ReadMethod::Head,
            conditionals: Conditionals::default(),
            range: RangeRequest::Whole,
        }
    }
}

/// What S3 has to say of a key.
#[derive(Debug)]
pub(crate) enum Outcome<B> {
    /// 200, 206 or 304.
    Found(Response<B>),
    /// 404: there is no such key.
    Missing,
    /// 412: a precondition of the client failed.
    PreconditionFailed,
    /// 416: the range begins after the end. The length is missing where S3 did not tell it.
    RangeNotSatisfiable { length: Option<u64> },
}

impl BucketClient<HttpClient> {
    /// Reads from `bucket` by the default client.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the bucket is reached over TLS and the machine has no certificate
    /// authorities to trust.
    pub fn new(bucket: Bucket, credentials: impl CredentialsProvider) -> Result<Self, ConfigError> {
        let client = if bucket.is_https() {
            HttpClient::new()
        } else {
            HttpClient::without_tls()
        };
        Ok(Self::with_client(client?, bucket, credentials))
    }
}

impl<C> BucketClient<C> {
    /// Reads from `bucket` by a client of one's own.
    pub fn with_client(client: C, bucket: Bucket, credentials: impl CredentialsProvider) -> Self {
        Self {
            client,
            signer: Arc::new(Signer::for_s3(bucket.region().clone())),
            bucket: Arc::new(bucket),
            credentials: Arc::new(credentials),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads the time to sign at from another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The bucket that is read.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }
}

impl<C, B> BucketClient<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Asks for one object.
    pub(crate) async fn read(
        &self,
        key: &ObjectKey,
        request: &ReadRequest,
    ) -> Result<Outcome<B>, S3Error> {
        let mut headers = request.conditionals.sent().clone();
        match &request.range {
            RangeRequest::Whole => {}
            RangeRequest::Range(range) => {
                headers.insert(RANGE, range.clone());
            }
            RangeRequest::RangeIf {
                range,
                precondition: (name, value),
            } => {
                headers.insert(RANGE, range.clone());
                // Where it fails, RFC 9110 section 13.1.5 has the whole object sent, as it is now.
                headers.insert(name, value.clone());
                let response = self.send(request.method, key, headers).await?;
                if is_unchanged(&response, name, value) {
                    return outcome(request.method, response).await;
                }
                headers = request.conditionals.sent().clone();
            }
        }
        outcome(
            request.method,
            self.send(request.method, key, headers).await?,
        )
        .await
    }

    async fn send(
        &self,
        method: ReadMethod,
        key: &ObjectKey,
        headers: HeaderMap,
    ) -> Result<Response<B>, S3Error> {
        let failed = |error: http::Error| S3Error::without_answer(S3ErrorKind::Signing, error);
        let mut request = Request::new(RequestBody);
        *request.method_mut() = match method {
            ReadMethod::Get => Method::GET,
            ReadMethod::Head => Method::HEAD,
        };
        *request.uri_mut() = self.bucket.object_uri(key).map_err(failed)?;
        *request.headers_mut() = headers;

        let credentials = self.credentials.credentials().await;
        let credentials = credentials
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Credentials, error))?;
        let (mut head, body) = request.into_parts();
        self.signer
            .sign(&mut head, Payload::Empty, &credentials, self.clock.now())
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))?;
        // A clone of its own for each request, which is polled to readiness before it is called.
        let sent = self.client.clone().oneshot(Request::from_parts(head, body));
        sent.await
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Unreachable, error))
    }
}

/// Reads an answer, its error document included.
async fn outcome<B>(method: ReadMethod, response: Response<B>) -> Result<Outcome<B>, S3Error>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let status = response.status();
    if matches!(
        status,
        StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED
    ) {
        return Ok(Outcome::Found(response));
    }
    let (head, body) = response.into_parts();
    let bytes = Limited::new(body, error_document::MAX_BYTES)
        .collect()
        .await;
    // What breaks off, is too long or is no document has no code.
    let document = bytes
        .map(|bytes| ErrorDocument::parse(&bytes.to_bytes()))
        .unwrap_or_default();
    let kind = match (status, document.code.as_deref()) {
        (StatusCode::NOT_FOUND, Some("NoSuchKey")) => return Ok(Outcome::Missing),
        // The answer to a HEAD has no document, so that the status has to do. Without one to a GET it
        // was not S3 that answered.
        (StatusCode::NOT_FOUND, None) if method == ReadMethod::Head => return Ok(Outcome::Missing),
        (StatusCode::PRECONDITION_FAILED, _) => return Ok(Outcome::PreconditionFailed),
        (StatusCode::RANGE_NOT_SATISFIABLE, _) => {
            let length = length_in_content_range(&head.headers).or(document.actual_object_size);
            return Ok(Outcome::RangeNotSatisfiable { length });
        }
        (StatusCode::FORBIDDEN, _) => S3ErrorKind::Denied,
        (StatusCode::SERVICE_UNAVAILABLE, _) => S3ErrorKind::SlowDown,
        _ => S3ErrorKind::Unexpected,
    };
    // The message is left out: it repeats keys, roles and the string that was signed.
    let request_id = head
        .headers
        .get("x-amz-request-id")
        .and_then(|id| id.to_str().ok());
    let request_id = request_id.map(str::to_owned);
    Err(S3Error::answered(kind, status, document.code, request_id))
}

/// Whether S3 has answered for the object that the client knows, by the precondition of `If-Range`.
///
/// A date has to be the very one of the object, while S3 takes any later one for good as well: where
/// a newer version was deleted, an older object is back.
fn is_unchanged<B>(response: &Response<B>, name: &HeaderName, value: &HeaderValue) -> bool {
    match response.status() {
        StatusCode::PRECONDITION_FAILED => false,
        StatusCode::PARTIAL_CONTENT if name == IF_UNMODIFIED_SINCE => {
            response.headers().get(LAST_MODIFIED) == Some(value)
        }
        _ => true,
    }
}

/// The length in `Content-Range: bytes */length`.
fn length_in_content_range(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(CONTENT_RANGE)?
        .to_str()
        .ok()?
        .strip_prefix("bytes */")?
        .parse()
        .ok()
}

impl<C> fmt::Debug for BucketClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketClient")
            .field("bucket", &self.bucket)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
