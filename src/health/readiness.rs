use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::{Request, Response};
use http_body::Body;
use tokio::time::Instant;
use tower_service::Service;

use crate::path::ObjectKey;
use crate::s3::{BucketClient, Outcome, ReadMethod, ReadRequest, S3Error};
use crate::upstream::{BoxError, RequestBody};

/// S3 is not asked again before.
const INTERVAL: Duration = Duration::from_secs(1);

/// Asks S3 for one object, and keeps for a moment what it said.
pub(super) struct Readiness<C> {
    pub(super) bucket: BucketClient<C>,
    pub(super) key: ObjectKey,
    // The lock is held for a few steps, and never while one waits.
    question: Mutex<Option<Question>>,
}

pub(super) type Verdict = Result<(), S3Error>;

/// One question to S3, which all who wait for its answer drive together. It stays where they all
/// leave, so that who hangs up does not have S3 asked again.
struct Question {
    asked_at: Instant,
    verdict: Shared<BoxFuture<'static, Verdict>>,
}

impl Question {
    /// Whether it is recent, or somebody waits for it. One that was left alone for longer may have
    /// missed its answer.
    fn counts(&self) -> bool {
        let waited_for = self.verdict.strong_count().is_some_and(|count| count > 1);
        waited_for || self.asked_at.elapsed() < INTERVAL
    }
}

impl<C> Readiness<C> {
    pub(super) fn new(bucket: BucketClient<C>, key: ObjectKey) -> Self {
        Self {
            bucket,
            key,
            question: Mutex::default(),
        }
    }
}

impl<C, B> Readiness<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    pub(super) fn verdict(&self) -> impl Future<Output = Verdict> + Send + use<C, B> {
        let question = self.question.lock();
        let mut question = question.unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = question.as_ref().filter(|last| last.counts()) {
            return last.verdict.clone();
        }
        let verdict = ask(self.bucket.clone(), self.key.clone());
        let verdict = verdict.boxed().shared();
        *question = Some(Question {
            asked_at: Instant::now(),
            verdict: verdict.clone(),
        });
        verdict
    }
}

async fn ask<C, B>(bucket: BucketClient<C>, key: ObjectKey) -> Verdict
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    // A HEAD leaves nothing on the connection to be read.
    let request = ReadRequest::plain(ReadMethod::Head);
    match bucket.read(&key, &request).await? {
        Outcome::Found(_) => Ok(()),
        _ => Err(S3Error::missing()),
    }
}
