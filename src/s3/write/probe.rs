use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::options::{PutOutcome, WriteOptions};
use super::writer::{BucketWriter, write_id};
use crate::path::ObjectKey;
use crate::s3::error::{S3Error, S3ErrorKind};
use crate::s3::etag::ETag;
use crate::upstream::{BoxError, RequestBody};

impl<C, B> BucketWriter<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// Checks by a few writes at a key that begins with `.portcullis-probe-` that the credentials may put and delete, and that the
    /// store obeys conditions. What promises that no write is lost must not start on another store.
    ///
    /// # Errors
    ///
    /// Returns an [`S3Error`] of the kind [`Unsupported`](S3ErrorKind::Unsupported) if a condition is
    /// ignored, and any other if S3 refuses one of the writes.
    pub async fn probe(&self) -> Result<(), S3Error> {
        let id = write_id();
        let name = format!(".portcullis-probe-{}", id.to_str().unwrap_or_default());
        let key = ObjectKey::new(&name, self.reader.bucket().prefix())
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))?;
        let obeyed = self.obeys_conditions(&key).await;
        let deleted = self.delete(&key).await;
        obeyed.and(deleted)
    }

    async fn obeys_conditions(&self, key: &ObjectKey) -> Result<(), S3Error> {
        let put = async |bytes: &'static [u8], options: WriteOptions| {
            self.put(key, Bytes::from_static(bytes).into(), &options)
                .await
        };
        let ignored = |what| Err(S3Error::unsupported(what));
        let first = match put(b"first", WriteOptions::new().if_absent()).await? {
            PutOutcome::Stored(version) => version,
            PutOutcome::PreconditionFailed => {
                return ignored("the store finds an object at a key that has none");
            }
        };
        if put(b"second", WriteOptions::new().if_absent()).await? != PutOutcome::PreconditionFailed
        {
            return ignored("the store ignores If-None-Match when it writes");
        }
        let other = ETag::parse("\"00000000000000000000000000000000\"");
        let other = WriteOptions::new().if_version(other.expect("is a tag"));
        if put(b"third", other).await? != PutOutcome::PreconditionFailed {
            return ignored("the store ignores If-Match when it writes");
        }
        match put(b"fourth", WriteOptions::new().if_version(first)).await? {
            PutOutcome::Stored(_) => Ok(()),
            PutOutcome::PreconditionFailed => {
                ignored("the store does not find the version that it has stored")
            }
        }
    }
}
