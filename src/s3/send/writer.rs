use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceExt;
use tower_service::Service;

use super::reader::outcome_name;
use super::sender::Sender;
use crate::metrics;
use crate::path::{ObjectKey, encode_component_into};
use crate::s3::body::ObjectBody;
use crate::s3::bucket::Bucket;
use crate::s3::content::{Content, Upload};
use crate::s3::error::{S3Error, S3ErrorKind};
use crate::s3::outcome::Outcome;
use crate::s3::retry::Tries;
use crate::upstream::{BoxError, NewConnection, RequestBody};

/// The most bytes that the connection takes at once, so that the time since it last took some shows whether
/// S3 still reads.
const PIECE: usize = 64 * 1024;

/// Sends what [`Command`]s name, and nothing else.
#[derive(Clone)]
pub(in crate::s3) struct Writer<C>(pub(in crate::s3) Sender<C>);

/// Everything that a [`Writer`] can sign, all of it about one key below the bucket's prefix.
#[derive(Clone, Copy)]
pub(in crate::s3) enum Command<'a> {
    Put(&'a ObjectKey),
    Delete(&'a ObjectKey),
    BeginUpload(&'a ObjectKey),
    PutPart { upload: &'a Upload, number: u64 },
    CompleteUpload(&'a Upload),
    AbortUpload(&'a Upload),
}

/// What became of a command.
pub(in crate::s3) struct Ran<B> {
    pub(in crate::s3) outcome: Result<Outcome<B>, S3Error>,
    /// Whether it was sent before, and may have taken effect then: without an answer, or with a failure.
    pub(in crate::s3) was_repeated: bool,
}

impl Command<'_> {
    fn method(self) -> Method {
        match self {
            Self::Put(_) | Self::PutPart { .. } => Method::PUT,
            Self::Delete(_) | Self::AbortUpload(_) => Method::DELETE,
            Self::BeginUpload(_) | Self::CompleteUpload(_) => Method::POST,
        }
    }

    fn uri(self, bucket: &Bucket) -> Result<Uri, BoxError> {
        let of_upload = |upload: &Upload, query: &str| {
            let mut query = query.to_owned();
            query.push_str("uploadId=");
            encode_component_into(&mut query, upload.id.as_bytes());
            bucket.object_uri(&upload.key, &query)
        };
        match self {
            Self::Put(key) | Self::Delete(key) => bucket.object_uri(key, ""),
            Self::BeginUpload(key) => bucket.object_uri(key, "uploads="),
            Self::PutPart { upload, number } => of_upload(upload, &format!("partNumber={number}&")),
            Self::CompleteUpload(upload) | Self::AbortUpload(upload) => of_upload(upload, ""),
        }
    }
}

impl<C, B> Writer<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Sends the command, and sends it again as long as that may give a better answer.
    pub(in crate::s3) async fn run(
        &self,
        command: Command<'_>,
        headers: &HeaderMap,
        content: &Content,
    ) -> Ran<ObjectBody<B>> {
        let mut tries = Tries::default();
        loop {
            let outcome = self.run_once(command, headers, content, &tries).await;
            let again = outcome.as_ref().err().and_then(|error| tries.again(error));
            let Some(pause) = again else {
                metrics::s3_write(outcome_name(&outcome));
                let was_repeated = tries.were_several();
                return Ran {
                    outcome,
                    was_repeated,
                };
            };
            sleep(pause).await;
        }
    }

    /// Sends a command that has neither headers nor a body.
    pub(in crate::s3) async fn run_bare(&self, command: Command<'_>) -> Ran<ObjectBody<B>> {
        self.run(command, &HeaderMap::new(), &Content::empty())
            .await
    }

    async fn run_once(
        &self,
        command: Command<'_>,
        headers: &HeaderMap,
        content: &Content,
        before: &Tries,
    ) -> Result<Outcome<ObjectBody<B>>, S3Error> {
        let Self(sender) = self;
        let uri = command.uri(&sender.bucket);
        let uri = uri.map_err(|error| S3Error::without_answer(S3ErrorKind::Signing, error))?;
        let progress = Progress::default();
        let body = Watched::new(content.open(), progress.clone());
        let length = body.size_hint().exact();
        let mut request = Request::new(RequestBody::stream(body));
        *request.method_mut() = command.method();
        *request.uri_mut() = uri;
        request.headers_mut().clone_from(headers);
        if let Some(length) = length
            && request.method() != Method::DELETE
        {
            // hyper sends none for an empty body, and S3 wants one.
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        if before.has_lost() {
            request.extensions_mut().insert(NewConnection);
        }
        let patience = sender.first_byte_timeout;
        let request = sender.sign(request, content.payload(), patience).await?;
        progress.note();
        let sent = sender.client.clone().oneshot(request);
        let response = while_it_goes_on(sent, &progress, patience)
            .await
            .map_err(|late| S3Error::without_answer(S3ErrorKind::TimedOut, late))?
            .map_err(|error| S3Error::without_answer(S3ErrorKind::Unreachable, error))?;
        let response = response.map(|body| ObjectBody::new(body, sender.idle_body_timeout));
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(Outcome::Found(response));
        }
        let (region, now) = (sender.bucket.region(), sender.clock.now());
        Outcome::of_answer(response, region, now, patience).await
    }
}

/// When the connection last took bytes of a body.
#[derive(Clone, Debug)]
struct Progress(Arc<Mutex<Instant>>);

impl Default for Progress {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Progress {
    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn idle(&self) -> Duration {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed()
    }
}

/// Waits for an answer for as long as bytes are taken, and `patience` longer.
async fn while_it_goes_on<F: Future>(
    answer: F,
    progress: &Progress,
    patience: Duration,
) -> Result<F::Output, Elapsed> {
    let mut answer = pin!(answer);
    loop {
        let left = patience.saturating_sub(progress.idle());
        match timeout(left, answer.as_mut()).await {
            Err(late) if progress.idle() >= patience => return Err(late),
            // More was taken meanwhile.
            Err(_) => {}
            Ok(output) => return Ok(output),
        }
    }
}

/// A body that notes when bytes of it are taken.
struct Watched {
    inner: RequestBody,
    rest: Bytes,
    progress: Progress,
}

impl Watched {
    fn new(inner: RequestBody, progress: Progress) -> Self {
        let rest = Bytes::new();
        Self {
            inner,
            rest,
            progress,
        }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.progress.note();
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
                end => return Poll::Ready(end),
            }
        }
        let piece = PIECE.min(self.rest.len());
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, hint) = (self.rest.len() as u64, self.inner.size_hint());
        match hint.exact() {
            Some(exact) => SizeHint::with_exact(rest + exact),
            None => hint,
        }
    }
}
