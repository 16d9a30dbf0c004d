use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG, EXPIRES, LAST_MODIFIED,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tokio::time::Instant;
use tower_service::Service;

use super::answer::{failed, missing, precondition_failed, query_refused, range_not_satisfiable};
use super::options::Options;
use super::plan::ReadPlan;
use crate::path::ObjectKey;
use crate::response::ResponseBody;
use crate::s3::{
    BucketClient, ObjectBody, Outcome, ReadMethod, ReadRequest, S3Error, UpstreamTime,
};
use crate::upstream::{BoxError, Judgement, RequestBody};

/// Reads what a request is for, and makes the answer of it.
pub(super) async fn answer<C, B>(
    bucket: &BucketClient<C>,
    options: &Options,
    plan: ReadPlan,
) -> Response<ResponseBody<ObjectBody<B>>>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let begun = Instant::now();
    let mut response = match read(bucket, &plan).await {
        Ok((key, Outcome::Found(response))) => found(options, &plan, key, response),
        Ok((_, Outcome::Missing)) => not_found(bucket, options, &plan).await,
        Ok((_, Outcome::PreconditionFailed)) => short(precondition_failed()),
        Ok((_, Outcome::RangeNotSatisfiable { length })) => short(range_not_satisfiable(length)),
        Ok((_, Outcome::QueryRefused)) => short(query_refused()),
        Err(error) => short(failed(error)),
    };
    let took = UpstreamTime::new(begun.elapsed());
    response.extensions_mut().insert(took);
    response
}

fn short<B>(response: Response<Bytes>) -> Response<ResponseBody<B>> {
    response.map(ResponseBody::short)
}

fn found<B>(
    options: &Options,
    plan: &ReadPlan,
    key: &ObjectKey,
    mut response: Response<B>,
) -> Response<ResponseBody<B>> {
    let rules = &options.answers;
    match plan.request.conditionals.judge(response.headers()) {
        Judgement::Pass => rules
            .answer(key, response, plan.authorised)
            .map(ResponseBody::inner),
        Judgement::NotModified => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            let empty = response.map(|_| Bytes::new());
            short(rules.answer(key, empty, plan.authorised))
        }
        Judgement::Failed => short(precondition_failed()),
    }
}

/// The document for what is missing. Where there is none, or it cannot be read, a line says so.
async fn not_found<C, B>(
    bucket: &BucketClient<C>,
    options: &Options,
    plan: &ReadPlan,
) -> Response<ResponseBody<ObjectBody<B>>>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut plainly = short(missing());
    let Some(key) = &options.not_found else {
        return plainly;
    };
    let document = ReadRequest::plain(plan.request.method);
    match bucket.read(key, &document).await {
        Ok(Outcome::Found(document)) => {
            let mut response = options.answers.answer(key, document, plan.authorised);
            *response.status_mut() = StatusCode::NOT_FOUND;
            // These are of the document, and the client would take them for the object's.
            for name in [ACCEPT_RANGES, ETAG, EXPIRES, LAST_MODIFIED] {
                response.headers_mut().remove(name);
            }
            // What is missing now may come.
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(CACHE_CONTROL, no_store);
            response.map(ResponseBody::inner)
        }
        Ok(_) => plainly,
        Err(error) => {
            plainly.extensions_mut().insert(error);
            plainly
        }
    }
}

/// Reads the object, or its alternate where it is missing.
async fn read<'a, C, B>(
    bucket: &BucketClient<C>,
    plan: &'a ReadPlan,
) -> Result<(&'a ObjectKey, Outcome<ObjectBody<B>>), S3Error>
where
    C: Service<Request<RequestBody>, Response = Response<B>> + Clone,
    C::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let outcome = bucket.read(&plan.key, &plan.request).await?;
    let alternate = match &plan.alternate {
        Some(alternate) if matches!(outcome, Outcome::Missing) => alternate,
        _ => return Ok((&plan.key, outcome)),
    };
    let outcome = bucket.read(alternate, &plan.request).await?;
    // 304, 412 and some 416 do not tell whether the object is a folder marker, of no bytes.
    let length = match &outcome {
        Outcome::Missing => return Ok((alternate, outcome)),
        Outcome::Found(response) => length(response),
        Outcome::RangeNotSatisfiable { length } => *length,
        Outcome::PreconditionFailed | Outcome::QueryRefused => None,
    };
    let length = match length {
        Some(length) => Some(length),
        None => match bucket
            .read(alternate, &ReadRequest::plain(ReadMethod::Head))
            .await?
        {
            Outcome::Found(response) => self::length(&response),
            _ => None,
        },
    };
    let is_marker = length == Some(0);
    Ok((
        alternate,
        if is_marker { Outcome::Missing } else { outcome },
    ))
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
