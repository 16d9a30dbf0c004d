use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG, EXPIRES, LAST_MODIFIED,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tokio::time::Instant;
use tower_service::Service;

use super::answer::{failed, missing, precondition_failed, query_refused, range_not_satisfiable};
use super::options::ObjectOptions;
use super::plan::ObjectPlan;
use crate::headers::digits;
use crate::path::ObjectKey;
use crate::response::{ResponseBody, set_length, to_folder};
use crate::s3::body::ObjectBody;
use crate::s3::client::BucketClient;
use crate::s3::error::S3Error;
use crate::s3::outcome::Outcome;
use crate::s3::read::ReadRequest;
use crate::s3::send::ReadMethod;
use crate::upstream::{BoxError, Judgement, RequestBody};

/// How long S3 took until its answer began, with all tries and questions.
///
/// A part that asks S3 puts it into the extensions of its response, for outer layers to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpstreamTime(Duration);

impl UpstreamTime {
    /// The time.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl ObjectPlan {
    /// Reads the object and makes the answer of it.
    pub(crate) async fn respond<C, B>(
        &self,
        bucket: &BucketClient<C>,
        options: &ObjectOptions,
    ) -> Response<ResponseBody<ObjectBody<B>>>
    where
        C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Error: Into<BoxError>,
        C::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let begun = Instant::now();
        let mut response = match self.read_or_alternate(bucket).await {
            Ok((key, Outcome::Found(response))) => self.found(options, key, response),
            Ok((_, Outcome::Missing)) => match self.folder_of_missing(bucket).await {
                Ok(Some(location)) => short(to_folder(location)),
                Ok(None) => self.not_found(bucket, options).await,
                Err(error) => short(failed(error)),
            },
            Ok((_, Outcome::PreconditionFailed)) => short(precondition_failed()),
            Ok((_, Outcome::RangeNotSatisfiable { length })) => {
                short(range_not_satisfiable(length))
            }
            Ok((_, Outcome::QueryRefused)) => short(query_refused()),
            Err(error) => short(failed(error)),
        };
        if self.request.method == ReadMethod::Head {
            response = without_body(response);
        }
        let took = UpstreamTime(begun.elapsed());
        response.extensions_mut().insert(took);
        response
    }

    /// Reads the object, or its alternate if it is missing.
    async fn read_or_alternate<C, B>(
        &self,
        bucket: &BucketClient<C>,
    ) -> Result<(&ObjectKey, Outcome<ObjectBody<B>>), S3Error>
    where
        C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Error: Into<BoxError>,
        C::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let outcome = bucket.read(&self.key, &self.request).await?;
        let alternate = match &self.alternate {
            Some(alternate) if matches!(outcome, Outcome::Missing) => alternate,
            _ => return Ok((&self.key, outcome)),
        };
        let outcome = bucket.read(alternate, &self.request).await?;
        // 304, 412 and some 416 do not show whether the object is a folder marker, which is empty.
        let length = match &outcome {
            Outcome::Missing => return Ok((alternate, outcome)),
            Outcome::Found(response) => length(response),
            Outcome::RangeNotSatisfiable { length } => *length,
            Outcome::PreconditionFailed | Outcome::QueryRefused => None,
        };
        let description = ReadRequest::plain(ReadMethod::Head);
        let length = match length {
            Some(length) => Some(length),
            None => match bucket.read(alternate, &description).await? {
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

    /// The location of the folder, if that has an index document.
    async fn folder_of_missing<C, B>(
        &self,
        bucket: &BucketClient<C>,
    ) -> Result<Option<HeaderValue>, S3Error>
    where
        C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Error: Into<BoxError>,
        C::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Some((index, location)) = &self.folder else {
            return Ok(None);
        };
        let description = ReadRequest::plain(ReadMethod::Head);
        let outcome = bucket.read(index, &description).await?;
        Ok(matches!(outcome, Outcome::Found(_)).then(|| location.clone()))
    }

    fn found<B>(
        &self,
        options: &ObjectOptions,
        key: &ObjectKey,
        mut response: Response<B>,
    ) -> Response<ResponseBody<B>> {
        match self.request.conditionals.judge(response.headers()) {
            Judgement::Pass => options
                .describe(key, response, self.is_index, self.authorised)
                .map(ResponseBody::inner),
            Judgement::NotModified => {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                let empty = response.map(|_| Bytes::new());
                short(options.describe(key, empty, self.is_index, self.authorised))
            }
            Judgement::Failed => short(precondition_failed()),
        }
    }

    /// The document for missing objects; one line of text if there is none or it cannot be read.
    async fn not_found<C, B>(
        &self,
        bucket: &BucketClient<C>,
        options: &ObjectOptions,
    ) -> Response<ResponseBody<ObjectBody<B>>>
    where
        C: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
        C::Error: Into<BoxError>,
        C::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut plain = short(missing());
        let Some(key) = &options.not_found else {
            return plain;
        };
        let document = ReadRequest::plain(self.request.method);
        match bucket.read(key, &document).await {
            Ok(Outcome::Found(document)) => {
                let mut response = options.describe(key, document, true, self.authorised);
                *response.status_mut() = StatusCode::NOT_FOUND;
                // These describe the document, and the client would take them for the object's.
                for name in [ACCEPT_RANGES, ETAG, EXPIRES, LAST_MODIFIED] {
                    response.headers_mut().remove(name);
                }
                // The object may be created at any time.
                let no_store = HeaderValue::from_static("no-store");
                response.headers_mut().insert(CACHE_CONTROL, no_store);
                response.map(ResponseBody::inner)
            }
            Ok(_) => plain,
            Err(error) => {
                plain.extensions_mut().insert(error);
                plain
            }
        }
    }
}

/// As [`answer_to`](crate::response::answer_to) HEAD, of an object.
fn without_body<B>(mut response: Response<ResponseBody<B>>) -> Response<ResponseBody<B>>
where
    B: Body<Data = Bytes>,
{
    let length = response.body().size_hint().exact();
    set_length(response.headers_mut(), length);
    response.map(|_| ResponseBody::default())
}

fn short<B>(response: Response<Bytes>) -> Response<ResponseBody<B>> {
    response.map(ResponseBody::short)
}

/// The length of the whole object, by the headers of an answer.
fn length<B>(response: &Response<B>) -> Option<u64> {
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    match response.status() {
        StatusCode::OK => digits(header(CONTENT_LENGTH)?),
        StatusCode::PARTIAL_CONTENT => digits(header(CONTENT_RANGE)?.rsplit_once('/')?.1),
        _ => None,
    }
}
