use std::time::Duration;

use http::Method;

use super::client::BucketClient;
use super::error::{S3Error, S3ErrorKind};
use crate::path::ObjectKey;
use crate::secret::Secret;

impl<C> BucketClient<C> {
    /// The URL by which anybody can read one object until it expires, at S3 itself. It is a credential; see
    /// [`Signer::presign`](crate::aws::Signer::presign).
    ///
    /// # Errors
    ///
    /// Returns [`S3Error`] if there are no credentials, if the key is not below the prefix of
    /// [`bucket`](Self::bucket), and if the URL cannot be signed.
    pub async fn presigned_get(
        &self,
        key: &ObjectKey,
        expires: Duration,
    ) -> Result<Secret, S3Error> {
        let uri = self.bucket().object_uri(key, "");
        let uri = uri.map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))?;
        self.reader.0.presign(Method::GET, &uri, expires).await
    }
}
