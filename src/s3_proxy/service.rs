use std::convert::Infallible;
use std::fmt;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use http::{Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::answer::{failed, missing, not_asked, precondition_failed, range_not_satisfiable};
use super::future::ResponseFuture;
use super::plan::ReadPlan;
use crate::response::ResponseBody;
use crate::s3::{BucketClient, Outcome, S3Error, object_answer};
use crate::upstream::{BoxError, HttpClient, RequestBody};

/// Answers with the objects of a bucket.
///
/// See the [module docs](crate::s3_proxy) for what is answered how.
#[derive(Clone)]
#[must_use]
pub struct S3Proxy<C = HttpClient> {
    bucket: BucketClient<C>,
}

impl<C> S3Proxy<C> {
    /// Serves what `bucket` reads.
    pub fn new(bucket: BucketClient<C>) -> Self {
        Self { bucket }
    }
}

impl<C, B, ReqBody> Service<Request<ReqBody>> for S3Proxy<C>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody<B>>;
    type Error = Infallible;
    type Future = ResponseFuture<B>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Each request waits for a client of its own to be ready, within its future.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, _) = request.into_parts();
        match ReadPlan::of(&head, self.bucket.bucket().prefix()) {
            Err(reason) => ResponseFuture::answer(not_asked(reason)),
            Ok(plan) => {
                let bucket = self.bucket.clone();
                ResponseFuture::reading(async move { answer(&bucket, plan).await })
            }
        }
    }
}

impl<C> fmt::Debug for S3Proxy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Proxy")
            .field("bucket", &self.bucket)
            .finish()
    }
}

async fn answer<C, B>(bucket: &BucketClient<C>, plan: ReadPlan) -> Response<ResponseBody<B>>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let short = match read(bucket, &plan).await {
        Ok(Outcome::Found(response)) => {
            return object_answer(response, plan.authorised).map(ResponseBody::inner);
        }
        Ok(Outcome::Missing) => missing(),
        Ok(Outcome::PreconditionFailed) => precondition_failed(),
        Ok(Outcome::RangeNotSatisfiable { length }) => range_not_satisfiable(length),
        Err(error) => failed(error),
    };
    short.map(ResponseBody::short)
}

/// Reads the object, or its alternate where it is missing.
async fn read<C, B>(bucket: &BucketClient<C>, plan: &ReadPlan) -> Result<Outcome<B>, S3Error>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let outcome = bucket.read(&plan.key, &plan.request).await?;
    match &plan.alternate {
        Some(alternate) if matches!(outcome, Outcome::Missing) => {
            let outcome = bucket.read(alternate, &plan.request).await?;
            Ok(if is_folder_marker(&outcome) {
                Outcome::Missing
            } else {
                outcome
            })
        }
        _ => Ok(outcome),
    }
}

/// Whether this is an object of no bytes.
fn is_folder_marker<B>(outcome: &Outcome<B>) -> bool {
    match outcome {
        Outcome::Found(response) if response.status() == StatusCode::OK => response
            .headers()
            .get(CONTENT_LENGTH)
            .is_some_and(|length| length == "0"),
        Outcome::Found(response) => {
            let range = response.headers().get(CONTENT_RANGE);
            range.is_some_and(|range| range.as_bytes().ends_with(b"/0"))
        }
        Outcome::RangeNotSatisfiable { length } => *length == Some(0),
        Outcome::Missing | Outcome::PreconditionFailed => false,
    }
}
