use std::error::Error;
use std::fmt;
use std::fmt::Write as _;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use sha2::{Digest, Sha256};
use tower_service::Service;

use super::abort::AbortOnDrop;
use super::options::{PutOutcome, WriteOptions};
use super::writer::{BucketWriter, stored, write_id};
use crate::path::ObjectKey;
use crate::s3::body::ObjectBody;
use crate::s3::content::{Content, Upload};
use crate::s3::document::elements;
use crate::s3::error::{S3Error, S3ErrorKind};
use crate::s3::etag::ETag;
use crate::s3::outcome::Outcome;
use crate::s3::send::{Command, Writer};
use crate::upstream::{BoxError, RequestBody};

/// The bytes of a part, except of the last one. S3 asks for at least 5 MiB.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// How many parts are sent at once. With one that is being read, an upload takes 40 MiB.
const PARTS_AT_ONCE: usize = 4;
/// "Amazon S3 multipart upload limits" in the user guide.
const MAX_PARTS: u64 = 10_000;
/// The longest answer about an upload. While S3 completes one, it sends white space.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Why a stream was not stored.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The stream ended in this error.
    Body(BoxError),
    /// The stream has more bytes than an upload in parts of this size may have.
    TooLong,
    /// S3 did not take it.
    S3(S3Error),
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Body(_) => "the body to store broke off",
            Self::TooLong => "the body to store is too long for an upload in parts",
            Self::S3(_) => "S3 did not store the body",
        })
    }
}

impl Error for StreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Body(error) => Some(&**error),
            Self::TooLong => None,
            Self::S3(error) => Some(error),
        }
    }
}

impl From<S3Error> for StreamError {
    fn from(error: S3Error) -> Self {
        Self::S3(error)
    }
}

/// A part of a stream that was read, or the whole of it.
struct Part {
    content: Content,
    is_last: bool,
}

/// Reads a body in parts.
struct Parts<Bd> {
    body: Pin<Box<Bd>>,
    bytes: usize,
    /// What came beyond the last part.
    rest: Bytes,
}

impl<Bd> Parts<Bd>
where
    Bd: Body<Data = Bytes>,
    Bd::Error: Into<BoxError>,
{
    fn new(body: Bd) -> Self {
        let length = body.size_hint().exact().unwrap_or_default();
        let bytes = usize::try_from(length.div_ceil(MAX_PARTS)).unwrap_or(usize::MAX);
        Self {
            body: Box::pin(body),
            bytes: bytes.max(PART_BYTES),
            rest: Bytes::new(),
        }
    }

    async fn next(&mut self) -> Result<Part, StreamError> {
        let mut part = BytesMut::new();
        let mut hash = Sha256::new();
        let is_last = loop {
            let wanted = self.bytes - part.len();
            let taken = self.rest.split_to(wanted.min(self.rest.len()));
            hash.update(&taken);
            part.extend_from_slice(&taken);
            // One more byte shows that another part follows.
            if !self.rest.is_empty() {
                break false;
            }
            match self.body.as_mut().frame().await {
                None => break true,
                Some(Err(error)) => return Err(StreamError::Body(error.into())),
                // Without trailers, which no object has.
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
            }
        };
        let content = Content::hashed(part.freeze(), hash.finalize().into());
        Ok(Part { content, is_last })
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
    /// Stores a stream of any length: in one request if it has at most 8 MiB, otherwise in parts. A stream
    /// of unknown length may have 78 GiB, one of a known length as much as S3 takes.
    ///
    /// If the stream ends in an error, nothing is stored: a caller that knows a digest of the whole makes
    /// the stream fail if the bytes have another one.
    ///
    /// # Errors
    ///
    /// Returns [`StreamError`] if the stream breaks off, if it is too long, or as [`put`](Self::put) does.
    pub async fn put_stream<Bd>(
        &self,
        key: &ObjectKey,
        body: Bd,
        options: &WriteOptions,
    ) -> Result<PutOutcome, StreamError>
    where
        Bd: Body<Data = Bytes> + Send,
        Bd::Error: Into<BoxError>,
    {
        let mut parts = Parts::new(body);
        let first = parts.next().await?;
        if first.is_last {
            return Ok(self.put(key, first.content, options).await?);
        }
        let id = write_id();
        let (upload, guard) = self.begin(key, options.numbered(&id)).await?;
        let outcome = async {
            let tags = self.put_parts(&upload, first, parts).await?;
            self.complete(&upload, &tags, options, &id).await
        };
        match outcome.await {
            Ok(PutOutcome::Stored(etag)) => {
                guard.disarm();
                Ok(PutOutcome::Stored(etag))
            }
            failed => {
                guard.abort().await;
                failed
            }
        }
    }

    /// Begins an upload in a task of its own: if nobody waits any more when its number comes, it is dropped
    /// there with what aborts it.
    async fn begin(
        &self,
        key: &ObjectKey,
        headers: HeaderMap,
    ) -> Result<(Upload, AbortOnDrop), S3Error> {
        let (writer, key) = (self.writer.clone(), key.clone());
        let begun = tokio::spawn(async move {
            let upload = begin(&writer, &key, &headers).await?;
            let aborted = upload.clone();
            let guard = AbortOnDrop::new(async move { abort(&writer, &aborted).await });
            Ok((upload, guard))
        });
        let begun = begun.await;
        begun.map_err(|lost| S3Error::without_answer(S3ErrorKind::Unreachable, lost))?
    }

    /// Sends all parts, and returns their tags in order.
    async fn put_parts<Bd>(
        &self,
        upload: &Upload,
        first: Part,
        parts: Parts<Bd>,
    ) -> Result<Vec<ETag>, StreamError>
    where
        Bd: Body<Data = Bytes> + Send,
        Bd::Error: Into<BoxError>,
    {
        let rest = stream::try_unfold(Some((parts, 2)), |state| async move {
            let Some((mut parts, number)) = state else {
                return Ok(None);
            };
            if number > MAX_PARTS {
                return Err(StreamError::TooLong);
            }
            let part = parts.next().await?;
            let next = (!part.is_last).then_some((parts, number + 1));
            Ok(Some(((number, part.content), next)))
        });
        let all = stream::iter([Ok((1, first.content))]).chain(rest);
        all.map_ok(|(number, content)| self.put_part(upload, number, content))
            .try_buffered(PARTS_AT_ONCE)
            .try_collect()
            .await
    }

    async fn put_part(
        &self,
        upload: &Upload,
        number: u64,
        content: Content,
    ) -> Result<ETag, StreamError> {
        let command = Command::PutPart { upload, number };
        let ran = self.writer.run(command, &HeaderMap::new(), &content).await;
        match ran.outcome? {
            Outcome::Found(answer) => Ok(stored(answer.headers())?),
            other => Err(S3Error::unexpected(other.status()).into()),
        }
    }

    /// Makes the object of its parts. The condition is judged now.
    async fn complete(
        &self,
        upload: &Upload,
        tags: &[ETag],
        options: &WriteOptions,
        id: &HeaderValue,
    ) -> Result<PutOutcome, StreamError> {
        let mut headers = HeaderMap::new();
        options.condition(&mut headers);
        let content = Content::from(Bytes::from(completion(tags)));
        let command = Command::CompleteUpload(upload);
        let ran = self.writer.run(command, &headers, &content).await;
        let refused = match ran.outcome {
            Ok(Outcome::Found(answer)) => {
                let completed = completed(answer.into_body()).await?;
                return Ok(completed.map_or(PutOutcome::PreconditionFailed, PutOutcome::Stored));
            }
            other => other,
        };
        // If an earlier try has completed it, the upload does not exist any more.
        let earlier = self.stored_by_earlier_try(ran.was_repeated, &upload.key, id);
        if let Some(etag) = earlier.await? {
            return Ok(PutOutcome::Stored(etag));
        }
        match refused? {
            Outcome::PreconditionFailed | Outcome::Missing => Ok(PutOutcome::PreconditionFailed),
            other => Err(S3Error::unexpected(other.status()).into()),
        }
    }
}

/// Begins an upload (`CreateMultipartUpload`).
async fn begin<C, B>(
    writer: &Writer<C>,
    key: &ObjectKey,
    headers: &HeaderMap,
) -> Result<Upload, S3Error>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let command = Command::BeginUpload(key);
    let ran = writer.run(command, headers, &Content::empty()).await;
    let answer = match ran.outcome? {
        Outcome::Found(answer) => answer,
        other => return Err(S3Error::unexpected(other.status())),
    };
    let mut id = None;
    let document = read(answer.into_body()).await?;
    elements(&document, |path, text| {
        if path == "InitiateMultipartUploadResult/UploadId" {
            id = Some(text.to_owned());
        }
    });
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| S3Error::misfit(StatusCode::OK, "it names no upload"))?;
    let key = key.clone();
    Ok(Upload { key, id })
}

/// Aborts an upload. A part that was on its way may arrive after the first time
/// (`AbortMultipartUpload` in the Amazon S3 API reference).
async fn abort<C, B>(writer: &Writer<C>, upload: &Upload)
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    for _ in 0..2 {
        let command = Command::AbortUpload(upload);
        let ran = writer.run_bare(command).await;
        // If S3 cannot be reached, only a rule of the bucket's life cycle removes the parts.
        if !matches!(ran.outcome, Ok(Outcome::Found(_))) {
            return;
        }
    }
}

/// `CompleteMultipartUpload` in the Amazon S3 API reference.
fn completion(tags: &[ETag]) -> String {
    let mut document = String::from("<CompleteMultipartUpload>");
    for (tag, number) in tags.iter().zip(1..) {
        let _ = write!(
            document,
            "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>",
            tag.as_str().replace('&', "&amp;").replace('<', "&lt;")
        );
    }
    document.push_str("</CompleteMultipartUpload>");
    document
}

/// The version of the object; `None` if its condition did not hold. S3 sends the status before it has made
/// the object, so that a failure follows in the body of a 200.
async fn completed<B>(answer: ObjectBody<B>) -> Result<Option<ETag>, S3Error>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let document = read(answer).await?;
    let (mut tag, mut code) = (None, None);
    elements(document.trim_ascii_start(), |path, text| match path {
        "CompleteMultipartUploadResult/ETag" => tag = ETag::parse(text),
        "Error/Code" => code = Some(text.to_owned()),
        _ => {}
    });
    match (tag, code.as_deref()) {
        (Some(tag), None) => Ok(Some(tag)),
        (_, Some("PreconditionFailed")) => Ok(None),
        (_, Some(_)) => Err(S3Error::misfit(StatusCode::OK, "it is an error document")),
        (None, None) => Err(S3Error::misfit(StatusCode::OK, "it names no object")),
    }
}

async fn read<B>(answer: ObjectBody<B>) -> Result<Bytes, S3Error>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let read = Limited::new(answer, MAX_ANSWER_BYTES).collect().await;
    let read = read.map_err(|error| S3Error::without_answer(S3ErrorKind::Interrupted, error))?;
    Ok(read.to_bytes())
}
