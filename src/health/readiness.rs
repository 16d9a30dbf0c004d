use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tower_service::Service;

use crate::path::ObjectKey;
use crate::s3::{BucketClient, Outcome, ReadMethod, ReadRequest, S3Error};
use crate::upstream::{BoxError, RequestBody};

/// For how long it counts what S3 has said.
const VERDICT_COUNTS: Duration = Duration::from_secs(1);

/// Asks S3 for one object, and keeps for a moment what it said.
pub(super) struct Readiness<C> {
    pub(super) bucket: BucketClient<C>,
    pub(super) key: ObjectKey,
    // Held while S3 is asked, so that many ask once.
    verdict: Mutex<Option<(Instant, Verdict)>>,
}

pub(super) type Verdict = Result<(), S3Error>;

impl<C> Readiness<C> {
    pub(super) fn new(bucket: BucketClient<C>, key: ObjectKey) -> Self {
        Self {
            bucket,
            key,
            verdict: Mutex::default(),
        }
    }
}

impl<C, B> Readiness<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    pub(super) async fn verdict(&self) -> Verdict {
        let mut kept = self.verdict.lock().await;
        if let Some((at, verdict)) = &*kept
            && at.elapsed() < VERDICT_COUNTS
        {
            return verdict.clone();
        }
        // A HEAD leaves nothing on the connection to be read.
        let request = ReadRequest::plain(ReadMethod::Head);
        let verdict = match self.bucket.read(&self.key, &request).await {
            Ok(Outcome::Found(_)) => Ok(()),
            Ok(_) => Err(S3Error::missing()),
            Err(error) => Err(error),
        };
        *kept = Some((Instant::now(), verdict.clone()));
        verdict
    }
}
