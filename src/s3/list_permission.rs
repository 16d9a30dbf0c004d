use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;
use tower_service::Service;

use super::body::ObjectBody;
use super::error::{S3Error, S3ErrorKind};
use super::error_document::MAX_BYTES;
use super::outcome::Outcome;
use super::send::{Question, Reader};
use crate::refresh::{Answer, Lost, Refresh, Source};
use crate::upstream::{BoxError, RequestBody};

/// How long the last answer counts. A policy may change.
const GOOD_FOR: Duration = Duration::from_mins(5);
/// For how long an abandoned question can be joined. An older one may have missed its answer.
const ALONE_LIMIT: Duration = Duration::from_secs(1);

/// A list of at most one key. It names no prefix, because S3 checks the permission to list the whole bucket when
/// it decides how to report a missing object.
const ONE_KEY: &str = "list-type=2&max-keys=1";

/// Whether the credentials may list the bucket, as last observed.
///
/// S3 answers `AccessDenied` for a missing object if the credentials may not list (`GetObject` in the
/// Amazon S3 API reference, on permissions), so that only this shows what the answer means.
pub(super) type ListPermission = Refresh<bool, S3Error>;

/// Asks for the permission by a list of one key.
impl<C, B> Source for Reader<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Value = bool;
    type Error = S3Error;

    fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    fn ask(
        &self,
        _last: Option<&bool>,
    ) -> impl Future<Output = Result<Answer<bool>, S3Error>> + Send + use<C, B> + 'static {
        let reader = self.clone();
        async move {
            let headers = HeaderMap::new();
            let may_list = match reader
                .ask_until_final(Question::List(ONE_KEY), &headers)
                .await
            {
                Ok(Outcome::Found(answer)) => {
                    let status = answer.status();
                    if !is_list(&reader, answer).await {
                        return Err(S3Error::unexpected(status));
                    }
                    true
                }
                Ok(other) => return Err(S3Error::unexpected(other.status())),
                Err(error) if error.is_access_denied() => false,
                Err(error) => return Err(error),
            };
            Ok(Answer::lasting(may_list, GOOD_FOR))
        }
    }

    /// The limits of the client apply to each request of the call.
    fn time_limit(&self) -> Duration {
        Duration::MAX
    }

    fn alone_limit(&self) -> Duration {
        ALONE_LIMIT
    }
}

/// Whether this is a list. What was learnt from another page at the endpoint would count for minutes.
async fn is_list<C, B>(reader: &Reader<C>, answer: Response<ObjectBody<B>>) -> bool
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let read = Limited::new(answer.into_body(), MAX_BYTES).collect();
    let Ok(Ok(document)) = timeout(reader.0.first_byte_timeout, read).await else {
        return false;
    };
    let root = b"<ListBucketResult";
    document.to_bytes().windows(root.len()).any(|it| it == root)
}

impl From<Lost> for S3Error {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::TimedOut => Self::without_answer(S3ErrorKind::TimedOut, "no answer in time"),
            Lost::Panicked => Self::without_answer(S3ErrorKind::Unreachable, "the call panicked"),
        }
    }
}
