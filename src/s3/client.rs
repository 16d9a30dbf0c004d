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

/// Reads objects from one bucket, and cannot write.
///
/// See the [module docs](crate::s3) for what is signed, and when S3 is asked again. A clone is cheap and
/// shares what the client has learnt about the bucket.
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

    /// Sets the longest wait for the beginning of S3's answer to a question, with all retries; 30 seconds
    /// by default. It includes the wait for credentials and for a connection, which the client bounds as
    /// well.
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
