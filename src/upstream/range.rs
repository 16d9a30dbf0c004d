use http::header::{IF_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// What a request asks of an object's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RangeRequest {
    /// All of them.
    Whole,
    /// One range, sent on in this spelling.
    Range(HeaderValue),
    /// One range if the object is the one that the client knows, else all of it (RFC 9110
    /// section 13.1.5). No S3 at hand obeys `If-Range`, so the range goes with this precondition,
    /// and where that fails the object is asked for whole.
    RangeIf {
        range: HeaderValue,
        precondition: (HeaderName, HeaderValue),
    },
}

/// Reads `Range` and `If-Range`.
///
/// Several ranges, other units and malformed ranges are answered with the whole object, as RFC 9110
/// section 14.2 lets a server do, and so is any method but GET.
pub(crate) fn range_request(method: &Method, headers: &HeaderMap) -> RangeRequest {
    if *method != Method::GET {
        return RangeRequest::Whole;
    }
    let Some(range) = only(headers, &RANGE).and_then(single_range) else {
        return RangeRequest::Whole;
    };
    if !headers.contains_key(IF_RANGE) {
        return RangeRequest::Range(range);
    }
    // Next to the client's own preconditions a failed one could not be told from theirs.
    if headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE) {
        return RangeRequest::Whole;
    }
    match only(headers, &IF_RANGE).and_then(precondition) {
        Some(precondition) => RangeRequest::RangeIf {
            range,
            precondition,
        },
        None => RangeRequest::Whole,
    }
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// `bytes=first-last`, `bytes=first-` or `bytes=-length`, the unit in any case.
fn single_range(value: &HeaderValue) -> Option<HeaderValue> {
    let (unit, range) = value.to_str().ok()?.split_once('=')?;
    let (first, last) = range.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_range = match (first, last) {
        ("", length) => is_number(length),
        (first, "") => is_number(first),
        (first, last) => is_number(first) && is_number(last) && !is_less(last, first),
    };
    if !unit.eq_ignore_ascii_case("bytes") || !is_range {
        return None;
    }
    HeaderValue::try_from(format!("bytes={range}")).ok()
}

/// Compares decimal numbers of any length.
fn is_less(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    (a.len(), a) < (b.len(), b)
}

/// A strong entity tag or a date; a weak tag never matches (RFC 9110 section 13.1.5).
fn precondition(if_range: &HeaderValue) -> Option<(HeaderName, HeaderValue)> {
    let text = if_range.to_str().ok()?;
    if text.len() >= 2 && text.starts_with('"') && text.ends_with('"') {
        return Some((IF_MATCH, if_range.clone()));
    }
    httpdate::parse_http_date(text).ok()?;
    Some((IF_UNMODIFIED_SINCE, if_range.clone()))
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
    fn one_well_formed_range_is_sent_on() {
        for (given, sent) in [
            ("bytes=0-0", "bytes=0-0"),
            ("bytes=10-", "bytes=10-"),
            ("bytes=-10000", "bytes=-10000"),
            ("Bytes=0-99", "bytes=0-99"),
            ("bytes=9-10", "bytes=9-10"),
            ("bytes=007-7", "bytes=007-7"),
            (
                "bytes=0-99999999999999999999999",
                "bytes=0-99999999999999999999999",
            ),
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
        for (if_range, name) in [("\"v1\"", IF_MATCH), (date, IF_UNMODIFIED_SINCE)] {
            let expected = RangeRequest::RangeIf {
                range: HeaderValue::from_static("bytes=0-1"),
                precondition: (name, HeaderValue::from_static(if_range)),
            };
            assert_eq!(
                read(&[(RANGE, "bytes=0-1"), (IF_RANGE, if_range)]),
                expected
            );
        }
        for if_range in ["W/\"v1\"", "v1", "\"", "", "yesterday"] {
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
