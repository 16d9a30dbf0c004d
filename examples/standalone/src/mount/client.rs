use portcullis::ConfigError;
use portcullis::s3::BucketClient;
use portcullis::upstream::HttpClient;

use super::{Mount, Timeouts};

impl Mount {
    /// The client that all parts of the mount share, with its connections.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the machine has no certificate authorities to trust the store by.
    pub(crate) fn client(&self) -> Result<BucketClient, ConfigError> {
        let Timeouts {
            connect,
            first_byte,
            idle,
        } = self.timeouts;
        let client = if self.is_https {
            HttpClient::new()
        } else {
            HttpClient::without_tls()
        };
        let client = client?.with_connect_timeout(connect);
        let bucket = self.bucket.clone();
        let client = BucketClient::with_client(client, bucket, self.credentials.clone());
        Ok(client
            .with_first_byte_timeout(first_byte)
            .with_idle_body_timeout(idle))
    }
}
