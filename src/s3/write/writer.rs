use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::options::{PutOutcome, WRITE_ID, WriteOptions};
use crate::aws::CredentialsProvider;
use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::s3::bucket::Bucket;
use crate::s3::client::BucketClient;
use crate::s3::content::Content;
use crate::s3::error::S3Error;
use crate::s3::etag::ETag;
use crate::s3::outcome::Outcome;
use crate::s3::read::ReadRequest;
use crate::s3::send::{Command, ReadMethod, Writer};
use crate::upstream::{BoxError, HttpClient, RequestBody};

/// Writes objects to one bucket.
///
/// See the [module docs](crate::s3::write) for what it promises. A clone is cheap and shares connections and
/// credentials.
#[derive(Clone)]
pub struct BucketWriter<C = HttpClient> {
    pub(super) reader: BucketClient<C>,
    pub(super) writer: Writer<C>,
}

impl BucketWriter<HttpClient> {
    /// Writes to `bucket` with the default client.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] as [`BucketClient::new`] does.
    pub fn new(bucket: Bucket, credentials: impl CredentialsProvider) -> Result<Self, ConfigError> {
        BucketClient::new(bucket, credentials).map(Self::over)
    }
}

impl<C: Clone> BucketWriter<C> {
    /// Writes to `bucket` with another client.
    pub fn with_client(client: C, bucket: Bucket, credentials: impl CredentialsProvider) -> Self {
        Self::over(BucketClient::with_client(client, bucket, credentials))
    }

    /// Changes the client that reads, and with it the timeouts and the clock of both.
    #[must_use]
    pub fn map_reader(self, change: impl FnOnce(BucketClient<C>) -> BucketClient<C>) -> Self {
        Self::over(change(self.reader))
    }

    fn over(reader: BucketClient<C>) -> Self {
        let writer = Writer(reader.reader.0.clone());
        Self { reader, writer }
    }

    /// What reads from the same bucket, with the same credentials.
    #[must_use]
    pub fn reader(&self) -> &BucketClient<C> {
        &self.reader
    }
}

impl<C, B> BucketWriter<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// Stores an object in one request: at most 5 GB on AWS.
    ///
    /// # Errors
    ///
    /// Returns [`S3Error`] if S3 cannot be asked or gives any other answer, and if the key is not below the
    /// prefix of the bucket. After an error without a status, the object may be stored all the same.
    pub async fn put(
        &self,
        key: &ObjectKey,
        content: Content,
        options: &WriteOptions,
    ) -> Result<PutOutcome, S3Error> {
        let id = write_id();
        let mut headers = options.description(&id);
        options.condition(&mut headers);
        let ran = self.writer.run(Command::Put(key), &headers, &content).await;
        match ran.outcome? {
            Outcome::Found(answer) => stored(answer.headers()).map(PutOutcome::Stored),
            // `If-Match` without an object is 404.
            Outcome::PreconditionFailed | Outcome::Missing => {
                let earlier = self
                    .stored_by_earlier_try(ran.was_repeated, key, &id)
                    .await?;
                Ok(earlier.map_or(PutOutcome::PreconditionFailed, PutOutcome::Stored))
            }
            other => Err(S3Error::unexpected(other.status())),
        }
    }

    /// Deletes an object. A missing object is not an error.
    ///
    /// # Errors
    ///
    /// Returns [`S3Error`] as [`put`](Self::put) does.
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), S3Error> {
        let ran = self.writer.run_bare(Command::Delete(key)).await;
        match ran.outcome? {
            Outcome::Missing => Ok(()),
            Outcome::Found(answer) if answer.status() == StatusCode::NO_CONTENT => Ok(()),
            other => Err(S3Error::unexpected(other.status())),
        }
    }

    /// The version that an earlier try of the write with this number has stored, if it was repeated: its last
    /// answer may speak of the very object that was to be stored.
    pub(super) async fn stored_by_earlier_try(
        &self,
        was_repeated: bool,
        key: &ObjectKey,
        id: &HeaderValue,
    ) -> Result<Option<ETag>, S3Error> {
        if !was_repeated {
            return Ok(None);
        }
        let head = ReadRequest::plain(ReadMethod::Head);
        match self.reader.read(key, &head).await? {
            Outcome::Found(object) if object.headers().get(WRITE_ID) == Some(id) => {
                stored(object.headers()).map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The version that S3 has stored.
pub(super) fn stored(headers: &HeaderMap) -> Result<ETag, S3Error> {
    ETag::of(headers).ok_or_else(|| S3Error::misfit(StatusCode::OK, "it has no entity tag"))
}

/// A number that no other write has.
pub(super) fn write_id() -> HeaderValue {
    let id = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    HeaderValue::try_from(id).expect("digits are visible ASCII")
}

impl<C> fmt::Debug for BucketWriter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BucketWriter").field(&self.reader).finish()
    }
}
