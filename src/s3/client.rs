use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::bucket::Bucket;
use super::listing::ListPermission;
use crate::aws::{CredentialsProvider, Signer};
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::upstream::HttpClient;

/// Longest wait for the beginning of an answer, by default.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for the next bytes of an object, by default.
const IDLE_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads objects from one bucket: signs, sends, and tells what came back. A clone costs a few
/// counters, and shares what has been learnt of the bucket.
///
/// A request that got no answer on a standing connection is sent a second time at once, since S3
/// closes connections that are kept for reuse. Where S3 asks for fewer requests or fails, it is asked
/// twice more, after pauses that grow. That is done here, and not by a layer outside, since each try is
/// signed anew.
///
/// `AccessDenied` means that the object is missing where the credentials may not list the bucket, and
/// that it is denied where they may. A signed list of one key learns which, at most once in five
/// minutes. S3's answer to a HEAD does not say why it is none, so that a GET of one byte asks again.
#[derive(Clone)]
pub struct BucketClient<C = HttpClient> {
    pub(super) client: C,
    pub(super) bucket: Arc<Bucket>,
    pub(super) signer: Arc<Signer>,
    pub(super) credentials: Arc<dyn CredentialsProvider>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) list_permission: Arc<ListPermission>,
    pub(super) first_byte_timeout: Duration,
    pub(super) idle_body_timeout: Duration,
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

    /// As [`HttpClient::with_connect_timeout`].
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.client = self.client.with_connect_timeout(timeout);
        self
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
            list_permission: Arc::default(),
            first_byte_timeout: FIRST_BYTE_TIMEOUT,
            idle_body_timeout: IDLE_BODY_TIMEOUT,
        }
    }

    /// Reads the time from another clock: to sign at, and to ask again what has been learnt.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Waits no longer than this for the beginning of S3's answer; 30 seconds by default. The wait for
    /// a connection is within it, and bounded by the client as well. As long is the longest wait for
    /// credentials.
    #[must_use]
    pub fn with_first_byte_timeout(mut self, timeout: Duration) -> Self {
        self.first_byte_timeout = timeout;
        self
    }

    /// Breaks an object off where S3 sends nothing of it for this long; 30 seconds by default.
    #[must_use]
    pub fn with_idle_body_timeout(mut self, timeout: Duration) -> Self {
        self.idle_body_timeout = timeout;
        self
    }

    /// The bucket that is read.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }
}

impl<C> fmt::Debug for BucketClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketClient")
            .field("bucket", &self.bucket)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
