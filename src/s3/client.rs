use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::bucket::Bucket;
use super::list_permission::ListPermission;
use super::send::{Reader, Sender};
use crate::aws::CredentialsProvider;
use crate::clock::Clock;
use crate::error::ConfigError;
use crate::upstream::HttpClient;

/// Reads objects from one bucket. It cannot write: all that it can sign is GET and HEAD of an object
/// below the bucket's prefix, and a list of at most one key. A clone is cheap and shares what the
/// client has learnt about the bucket.
///
/// A request is signed anew and sent again in two cases, which is why a retry layer outside cannot do
/// this:
///
/// * at once, a single time, if its connection was lost before an answer, since S3 closes kept
///   connections;
/// * twice, after growing pauses, if S3 asks for fewer requests or fails.
///
/// `AccessDenied` means that an object is missing if the credentials may not list the bucket, and that
/// it is denied if they may. The list of one key finds out which, at most once in five minutes. S3's
/// answer to a HEAD has no error code, so a GET of one byte asks for it.
///
/// ```
/// use std::convert::Infallible;
/// use bytes::Bytes;
/// use http::{Request, Response, StatusCode};
/// use http_body_util::{BodyExt, Full};
/// use portcullis::aws::Credentials;
/// use portcullis::path::ObjectKey;
/// use portcullis::s3::{Bucket, BucketClient};
/// use portcullis::upstream::RequestBody;
/// use tower::service_fn;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bucket = Bucket::new("wheels/packages", "eu-west-1")?;
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")?;
/// // `BucketClient::new(bucket, credentials)?` asks S3 itself; this is a bucket of one object.
/// let fake = service_fn(|request: Request<RequestBody>| async move {
///     let (status, body) = match request.uri().path() {
///         "/packages/a.whl" => (StatusCode::OK, "wheel"),
///         _ => (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>"),
///     };
///     let response = Response::builder().status(status);
///     Ok::<_, Infallible>(response.body(Full::<Bytes>::from(body)).unwrap())
/// });
/// let client = BucketClient::with_client(fake, bucket, credentials);
///
/// let key = ObjectKey::from_path("/a.whl", client.bucket().prefix())?;
/// let object = client.get(&key).await?.expect("it is there");
/// assert_eq!(object.into_body().collect().await?.to_bytes(), "wheel");
///
/// let key = ObjectKey::from_path("/b.whl", client.bucket().prefix())?;
/// assert!(client.get(&key).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BucketClient<C = HttpClient> {
    pub(super) reader: Reader<C>,
    pub(super) list_permission: ListPermission,
}

impl BucketClient<HttpClient> {
    /// Reads from `bucket` with the default client.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the bucket is reached over TLS and the machine has no certificate
    /// authorities to trust.
    pub fn new(bucket: Bucket, credentials: impl CredentialsProvider) -> Result<Self, ConfigError> {
        let client = if bucket.is_https() {
            HttpClient::new()
        } else {
            HttpClient::without_tls()
        };
        Ok(Self::with_client(client?, bucket, credentials))
    }

    /// Sets [`HttpClient::with_connect_timeout`].
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.reader.0.client = self.reader.0.client.with_connect_timeout(timeout);
        self
    }
}

impl<C> BucketClient<C> {
    /// Reads from `bucket` with another client.
    pub fn with_client(client: C, bucket: Bucket, credentials: impl CredentialsProvider) -> Self {
        Self {
            reader: Reader(Sender::new(client, bucket, credentials)),
            list_permission: ListPermission::default(),
        }
    }

    /// Reads the time from another clock. Signatures and the age of what was learnt depend on it.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.sender_mut().clock = Arc::new(clock);
        self
    }

    /// Sets the longest wait for the beginning of S3's answer; 30 seconds by default. It includes the
    /// wait for a connection, which the client bounds as well. The wait for credentials has the same
    /// bound.
    #[must_use]
    pub fn with_first_byte_timeout(mut self, timeout: Duration) -> Self {
        self.sender_mut().first_byte_timeout = timeout;
        self
    }

    /// Sets the longest time in which S3 may send nothing of an object before its body fails; 30
    /// seconds by default.
    #[must_use]
    pub fn with_idle_body_timeout(mut self, timeout: Duration) -> Self {
        self.sender_mut().idle_body_timeout = timeout;
        self
    }

    /// The bucket that is read.
    pub fn bucket(&self) -> &Bucket {
        &self.reader.0.bucket
    }

    fn sender_mut(&mut self) -> &mut Sender<C> {
        &mut self.reader.0
    }
}

impl<C> fmt::Debug for BucketClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketClient")
            .field("bucket", self.bucket())
            .field("credentials", &self.reader.0.credentials)
            .finish_non_exhaustive()
    }
}
