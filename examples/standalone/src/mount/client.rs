use portcullis::ConfigError;
use portcullis::s3::BucketClient;

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
        let client = BucketClient::new(self.bucket.clone(), self.credentials.clone())?;
        Ok(client
            .with_connect_timeout(connect)
            .with_first_byte_timeout(first_byte)
            .with_idle_body_timeout(idle))
    }
}
