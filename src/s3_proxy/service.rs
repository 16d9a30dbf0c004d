use std::convert::Infallible;
use std::fmt;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::answer::{failed, missing, not_asked, precondition_failed, range_not_satisfiable};
use super::future::ResponseFuture;
use super::plan::ReadPlan;
use crate::response::ResponseBody;
use crate::s3::{BucketClient, Outcome, ReadRequest, S3Error, object_answer};
use crate::upstream::{BoxError, HttpClient, Judgement, RequestBody};

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
        Ok(Outcome::Found(mut response)) => {
            match plan.request.conditionals.judge(response.headers()) {
                Judgement::Pass => {
                    return object_answer(response, plan.authorised).map(ResponseBody::inner);
                }
                Judgement::NotModified => {
                    *response.status_mut() = StatusCode::NOT_MODIFIED;
                    object_answer(response, plan.authorised).map(|_| Bytes::new())
                }
                Judgement::Failed => precondition_failed(),
            }
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
    let Some(alternate) = &plan.alternate else {
        return Ok(outcome);
    };
    if !matches!(outcome, Outcome::Missing) {
        return Ok(outcome);
    }
    let outcome = bucket.read(alternate, &plan.request).await?;
    // 304, 412 and some 416 do not tell whether the object is a folder marker, of no bytes.
    let length = match &outcome {
        Outcome::Missing => return Ok(outcome),
        Outcome::Found(response) => length(response),
        Outcome::RangeNotSatisfiable { length } => *length,
        Outcome::PreconditionFailed => None,
    };
    let length = match length {
        Some(length) => Some(length),
        None => match bucket.read(alternate, &ReadRequest::head()).await? {
            Outcome::Found(response) => self::length(&response),
            _ => None,
        },
    };
    Ok(if length == Some(0) {
        Outcome::Missing
    } else {
        outcome
    })
}

/// The length of the object that an answer has whole, or a part of, or describes.
fn length<B>(response: &Response<B>) -> Option<u64> {
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    match response.status() {
        StatusCode::OK => header(CONTENT_LENGTH)?.parse().ok(),
        StatusCode::PARTIAL_CONTENT => header(CONTENT_RANGE)?.rsplit_once('/')?.1.parse().ok(),
        _ => None,
    }
}
