use http::header::{IF_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::conditional::{entity_tag, http_date};
use crate::headers::only_value;

/// The bytes of an object that a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RangeRequest {
    /// All of them.
    Whole,
    /// One range, sent in this spelling.
    Range(HeaderValue),
    /// One range if the object is the one that the client knows, else all of it (RFC 9110
    /// section 13.1.5). No known S3 obeys `If-Range`, so the range is sent with this precondition, and
    /// if that fails the whole object is requested.
    RangeIf {
        range: HeaderValue,
        precondition: (HeaderName, HeaderValue),
    },
}

/// Reads `Range` and `If-Range`.
///
/// Several ranges, other units and malformed ranges mean the whole object, as RFC 9110 section 14.2
/// allows, and so does any method but GET.
pub(crate) fn range_request(method: &Method, headers: &HeaderMap) -> RangeRequest {
    // RFC 9110 section 14.2 defines ranges for GET only; pip and uv expect a HEAD to describe the whole.
    if *method != Method::GET {
        return RangeRequest::Whole;
    }
    let Some(range) = only_value(headers, &RANGE).and_then(single_range) else {
        return RangeRequest::Whole;
    };
    if !headers.contains_key(IF_RANGE) {
        return RangeRequest::Range(range);
    }
    // If this precondition failed beside the client's own, S3's 412 would not say which one did.
    if headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE) {
        return RangeRequest::Whole;
    }
    match precondition(headers) {
        Some(precondition) => RangeRequest::RangeIf {
            range,
            precondition,
        },
        None => RangeRequest::Whole,
    }
}

/// `bytes=first-last`, `bytes=first-` or `bytes=-length`, the unit in any case.
///
/// Some servers cannot read numbers beyond any object's length. As a first position, such a number makes
/// the range malformed; as an end, it becomes the largest number that all can read.
fn single_range(value: &HeaderValue) -> Option<HeaderValue> {
    let (unit, range) = value.to_str().ok()?.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let range = match range.split_once('-')? {
        ("", length) => format!("bytes=-{}", number(length)?),
        (first, "") => format!("bytes={}-", small_number(first)?),
        (first, last) => {
            let (first, last) = (small_number(first)?, number(last)?);
            if last < first {
                return None;
            }
            format!("bytes={first}-{last}")
        }
    };
    HeaderValue::try_from(range).ok()
}

/// The largest position that all stores can read: some keep it in signed 64 bits.
const MAX_POSITION: u64 = i64::MAX as u64;

/// Digits, as a number of at most [`MAX_POSITION`].
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(MAX_POSITION).min(MAX_POSITION))
}

fn small_number(text: &str) -> Option<u64> {
    number(text).filter(|number| *number < MAX_POSITION)
}

/// A strong entity tag or a date; a weak tag never matches (RFC 9110 section 13.1.5).
fn precondition(headers: &HeaderMap) -> Option<(HeaderName, HeaderValue)> {
    if let Some(date) = http_date(headers, &IF_RANGE) {
        return Some((IF_UNMODIFIED_SINCE, date));
    }
    let tag = entity_tag(only_value(headers, &IF_RANGE)?)?;
    let is_strong = tag.starts_with('"');
    let tag = HeaderValue::try_from(&*tag).ok()?;
    is_strong.then_some((IF_MATCH, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(HeaderName, &'static str)]) -> RangeRequest {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_static(value));
        }
        range_request(&Method::GET, &map)
    }

    #[test]
    fn one_well_formed_range_is_sent() {
        for (given, sent) in [
            ("bytes=0-0", "bytes=0-0"),
            ("bytes=10-", "bytes=10-"),
            ("bytes=-10000", "bytes=-10000"),
            ("Bytes=0-99", "bytes=0-99"),
            ("bytes=9-10", "bytes=9-10"),
            ("bytes=007-7", "bytes=7-7"),
            (
                "bytes=0-99999999999999999999999",
                "bytes=0-9223372036854775807",
            ),
            (
                "bytes=-99999999999999999999999",
                "bytes=-9223372036854775807",
            ),
            (
                "bytes=0-18446744073709551615",
                "bytes=0-9223372036854775807",
            ),
            ("bytes=9223372036854775806-", "bytes=9223372036854775806-"),
        ] {
            let expected = RangeRequest::Range(HeaderValue::from_static(sent));
            assert_eq!(read(&[(RANGE, given)]), expected, "{given}");
        }
    }

    #[test]
    fn any_other_range_means_the_whole_object() {
        for given in [
            "bytes=0-1,3-4",
            "bytes=0-1, -1",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-2",
            "bytes=10-9",
            "bytes= 0-1",
            "bytes=0 - 1",
            "bytes=+1-2",
            "bytes=--1",
            "bytes=9223372036854775807-",
            "bytes=9223372036854775808-",
            "bytes=99999999999999999999999-99999999999999999999999",
            "bytes 0-1",
            "items=0-1",
            "0-1",
            "",
        ] {
            assert_eq!(read(&[(RANGE, given)]), RangeRequest::Whole, "{given}");
        }
        assert_eq!(read(&[]), RangeRequest::Whole);
        assert_eq!(
            read(&[(RANGE, "bytes=0-1"), (RANGE, "bytes=0-1")]),
            RangeRequest::Whole
        );
        let mut head = HeaderMap::new();
        head.insert(RANGE, HeaderValue::from_static("bytes=0-1"));
        assert_eq!(range_request(&Method::HEAD, &head), RangeRequest::Whole);
    }

    #[test]
    fn if_range_becomes_a_precondition() {
        let date = "Sat, 29 Oct 1994 19:43:31 GMT";
        for (if_range, name, sent) in [
            ("\"v1\"", IF_MATCH, "\"v1\""),
            ("v1", IF_MATCH, "\"v1\""),
            (date, IF_UNMODIFIED_SINCE, date),
        ] {
            let expected = RangeRequest::RangeIf {
                range: HeaderValue::from_static("bytes=0-1"),
                precondition: (name, HeaderValue::from_static(sent)),
            };
            assert_eq!(
                read(&[(RANGE, "bytes=0-1"), (IF_RANGE, if_range)]),
                expected
            );
        }
        for if_range in [
            "W/\"v1\"",
            "\"",
            "",
            "the other day",
            "\"a\", \"v1\"",
            "\"a\"b\"",
            "\"a\tb\"",
            "*",
        ] {
            let whole = read(&[(RANGE, "bytes=0-1"), (IF_RANGE, if_range)]);
            assert_eq!(whole, RangeRequest::Whole, "{if_range}");
        }
        for other in [IF_MATCH, IF_UNMODIFIED_SINCE] {
            let headers = [
                (RANGE, "bytes=0-1"),
                (IF_RANGE, "\"v1\""),
                (other, "\"v1\""),
            ];
            assert_eq!(read(&headers), RangeRequest::Whole);
        }
        assert_eq!(read(&[(IF_RANGE, "\"v1\"")]), RangeRequest::Whole);
    }
}
