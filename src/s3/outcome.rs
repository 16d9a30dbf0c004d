use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_RANGE, DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Limited};

use super::error::{Details, S3Error, S3ErrorKind};
use super::error_document::{self, ErrorDocument, is_word};
use crate::aws::Region;
use crate::headers::digits;
use crate::upstream::BoxError;

const BUCKET_REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");
const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// S3's answer about a key.
#[derive(Debug)]
pub(crate) enum Outcome<B> {
    /// 200, 206 or 304.
    Found(Response<B>),
    /// 404: there is no such key.
    Missing,
    /// 412: a precondition of the client failed.
    PreconditionFailed,
    /// 416: the range begins after the end. The length is `None` if S3 did not send it.
    RangeNotSatisfiable { length: Option<u64> },
    /// 400: S3 refuses the value of a parameter of the client.
    QueryRefused,
}

impl<B> Outcome<B> {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Found(response) => response.status(),
            Self::Missing => StatusCode::NOT_FOUND,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::RangeNotSatisfiable { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::QueryRefused => StatusCode::BAD_REQUEST,
        }
    }
}

impl<B> Outcome<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Reads an answer, and its error document if that comes within `patience`.
    pub(super) async fn of_answer(
        response: Response<B>,
        region: &Region,
        now: SystemTime,
        patience: Duration,
    ) -> Result<Self, S3Error> {
        let status = response.status();
        if matches!(
            status,
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED
        ) {
            return Ok(Outcome::Found(response));
        }
        let (head, body) = response.into_parts();
        let read = Limited::new(body, error_document::MAX_BYTES).collect();
        // There is no error code if the body is incomplete, late, too long or not XML.
        let document = match tokio::time::timeout(patience, read).await {
            Ok(Ok(bytes)) => ErrorDocument::parse(&bytes.to_bytes()),
            _ => ErrorDocument::default(),
        };
        let code = document.code.as_deref();
        match status {
            StatusCode::NOT_FOUND if matches!(code, Some("NoSuchKey" | "NoSuchVersion")) => {
                return Ok(Outcome::Missing);
            }
            // The version that was asked for is a delete marker.
            StatusCode::METHOD_NOT_ALLOWED if head.headers.contains_key(DELETE_MARKER) => {
                return Ok(Outcome::Missing);
            }
            StatusCode::PRECONDITION_FAILED => return Ok(Outcome::PreconditionFailed),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                let length = length_in_content_range(&head.headers).or(document.actual_object_size);
                return Ok(Outcome::RangeNotSatisfiable { length });
            }
            _ => {}
        }
        Err(failure(status, &head.headers, document, region, now))
    }
}

/// The error for an answer that is not one of the outcomes.
fn failure(
    status: StatusCode,
    headers: &HeaderMap,
    document: ErrorDocument,
    region: &Region,
    now: SystemTime,
) -> S3Error {
    // Only answers that redirect: some stores name a region in every answer.
    let elsewhere = matches!(
        status,
        StatusCode::MOVED_PERMANENTLY | StatusCode::TEMPORARY_REDIRECT | StatusCode::BAD_REQUEST
    );
    let bucket_region = text(headers, BUCKET_REGION)
        .filter(|there| is_word(there, "-"))
        .or(document.region.as_deref())
        .filter(|there| elsewhere && *there != region.as_str());
    let kind = match status {
        _ if bucket_region.is_some() => S3ErrorKind::WrongRegion,
        StatusCode::FORBIDDEN => S3ErrorKind::Denied,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => S3ErrorKind::SlowDown,
        _ => S3ErrorKind::Unexpected,
    };
    let clock_skew = (document.code.as_deref() == Some("RequestTimeTooSkewed"))
        .then(|| clock_skew(headers, now))
        .flatten();
    let details = Details {
        status: Some(status),
        request_id: text(headers, REQUEST_ID).map(str::to_owned),
        bucket_region: bucket_region.map(str::to_owned),
        clock_skew,
        retry_after: text(headers, RETRY_AFTER)
            .and_then(digits)
            .and_then(|seconds| seconds.try_into().ok()),
        // Without the message: it repeats keys, roles and the string that was signed.
        code: document.code,
        source: None,
    };
    S3Error::new(kind, details)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// The length in `Content-Range: bytes */length`.
fn length_in_content_range(headers: &HeaderMap) -> Option<u64> {
    text(headers, CONTENT_RANGE)?
        .strip_prefix("bytes */")
        .and_then(digits)
}

/// How many seconds the clock here is ahead of the one that answered.
fn clock_skew(headers: &HeaderMap, now: SystemTime) -> Option<i64> {
    let there = httpdate::parse_http_date(text(headers, DATE)?).ok()?;
    match now.duration_since(there) {
        Ok(ahead) => i64::try_from(ahead.as_secs()).ok(),
        Err(behind) => i64::try_from(behind.duration().as_secs())
            .ok()
            .map(|it| -it),
    }
}
