use http::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE, RANGE, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, Method, Response, StatusCode, Version};
use http_body::Body;

use super::outcome::REQUEST_ID;
use crate::headers::digits;

/// Checks that an answer of success, 412 or 416 is one to a request with these headers for an object,
/// and returns how many bytes of the object follow, if that is known. Otherwise returns what is wrong.
///
/// Not everything that answers at the endpoint is S3: a captive portal has a page for every URL, and a
/// broken proxy or cache has answers to other requests. None of them may look like the object, and a
/// body whose end does not show that it is whole may not either.
pub(super) fn body_length<B: Body>(
    method: &Method,
    asked: &HeaderMap,
    answer: &Response<B>,
) -> Result<Option<u64>, &'static str> {
    let asked_one_of = |names: &[HeaderName]| names.iter().any(|name| asked.contains_key(name));
    let of_range = match answer.status() {
        StatusCode::OK => None,
        StatusCode::PARTIAL_CONTENT => Some(range_length(asked, answer.headers())?),
        StatusCode::NOT_MODIFIED if asked_one_of(&[IF_NONE_MATCH, IF_MODIFIED_SINCE]) => {
            return announced_length(answer.headers()).map(|_| None);
        }
        StatusCode::NOT_MODIFIED => return Err("no newer object was asked for"),
        StatusCode::PRECONDITION_FAILED if !asked_one_of(&[IF_MATCH, IF_UNMODIFIED_SINCE]) => {
            return Err("there was no precondition");
        }
        StatusCode::RANGE_NOT_SATISFIABLE if !asked_one_of(&[RANGE]) => {
            return Err("there was no range");
        }
        _ => return Ok(None),
    };
    if !answer.headers().contains_key(ETAG) && !answer.headers().contains_key(REQUEST_ID) {
        return Err("it has neither an entity tag nor a request id, so it is not from S3");
    }
    let announced = announced_length(answer.headers())?;
    if *method == Method::HEAD {
        return Ok(None);
    }
    if announced.is_none() && !is_framed(answer) {
        return Err("it ends with the connection, so that nothing shows whether it is whole");
    }
    match (announced, of_range) {
        (Some(announced), Some(of_range)) if announced != of_range => {
            Err("its Content-Length is not that of its range")
        }
        _ => Ok(announced.or(of_range)),
    }
}

/// The length of the range in a 206, which must be the one that was asked for.
fn range_length(asked: &HeaderMap, answer: &HeaderMap) -> Result<u64, &'static str> {
    let text = |headers: &HeaderMap, name| headers.get(name)?.to_str().ok().map(str::to_owned);
    let asked = text(asked, RANGE).ok_or("there was no range")?;
    let sent = text(answer, CONTENT_RANGE).ok_or("it has no Content-Range")?;
    let (first, last, length) = content_range(&sent).ok_or("its Content-Range is malformed")?;
    if expected_range(&asked, length) != Some((first, last)) {
        return Err("its range is not the one that was asked for");
    }
    Ok(last - first + 1)
}

/// Reads `bytes first-last/length`.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, length) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, length) = (digits(first)?, digits(last)?, digits(length)?);
    (first <= last && last < length).then_some((first, last, length))
}

/// The first and the last position that a range selects of an object of this length.
fn expected_range(asked: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let end = length.checked_sub(1)?;
    Some(match (first, last) {
        ("", suffix) => (length.saturating_sub(suffix.parse().ok()?), end),
        (first, "") => (first.parse().ok()?, end),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.min(end)),
    })
}

/// The length that an answer announces.
fn announced_length(answer: &HeaderMap) -> Result<Option<u64>, &'static str> {
    let mut lengths = answer.get_all(CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err("it has two lengths"),
        // RFC 9112 section 6.3: "ought to be handled as an error".
        (Some(_), None) if answer.contains_key(TRANSFER_ENCODING) => {
            Err("it has both Content-Length and Transfer-Encoding")
        }
        (Some(length), None) => {
            let length = length.to_str().ok().and_then(digits);
            length.map(Some).ok_or("its Content-Length is malformed")
        }
    }
}

/// Whether something other than the end of the connection ends the body.
fn is_framed<B: Body>(answer: &Response<B>) -> bool {
    answer.headers().contains_key(TRANSFER_ENCODING)
        || answer.body().size_hint().exact().is_some()
        || answer.version() >= Version::HTTP_2
}

#[cfg(test)]
mod tests;
