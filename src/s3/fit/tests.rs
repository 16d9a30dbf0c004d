use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;

use super::*;

fn checked(
    method: &Method,
    asked: &[(HeaderName, &str)],
    status: u16,
    headers: &[(HeaderName, &str)],
) -> Result<Option<u64>, &'static str> {
    let frames = stream::empty::<Result<Frame<Bytes>, std::io::Error>>();
    let mut answer = Response::new(StreamBody::new(frames));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    *answer.headers_mut() = map(headers);
    body_length(method, &map(asked), &answer)
}

fn map(headers: &[(HeaderName, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, value.parse().unwrap());
    }
    map
}

#[test]
fn an_answer_fits_the_preconditions() {
    for (asked, status, fits) in [
        (None, 304, false),
        (Some(IF_NONE_MATCH), 304, true),
        (Some(IF_MODIFIED_SINCE), 304, true),
        (Some(IF_MATCH), 304, false),
        (None, 412, false),
        (Some(IF_MATCH), 412, true),
        (Some(IF_UNMODIFIED_SINCE), 412, true),
        (None, 416, false),
        (Some(RANGE), 416, true),
        (Some(RANGE), 304, false),
        // Errors are another's to judge.
        (None, 403, true),
        (None, 503, true),
    ] {
        let asked: Vec<_> = asked.into_iter().map(|name| (name, "x")).collect();
        for method in [Method::GET, Method::HEAD] {
            let checked = checked(&method, &asked, status, &[]);
            assert_eq!(checked.is_ok(), fits, "{method} {asked:?} {status}");
        }
    }
}

#[test]
fn a_part_is_the_one_asked_for() {
    for (range, content_range, length) in [
        ("bytes=0-99", "bytes 0-99/300", Some(100)),
        ("bytes=0-99", "bytes 0-49/50", Some(50)),
        ("bytes=200-", "bytes 200-299/300", Some(100)),
        ("bytes=-100", "bytes 200-299/300", Some(100)),
        ("bytes=-100", "bytes 0-49/50", Some(50)),
        ("bytes=0-9223372036854775807", "bytes 0-0/1", Some(1)),
        ("bytes=0-99", "bytes 0-98/300", None),
        ("bytes=0-99", "bytes 0-100/300", None),
        ("bytes=0-99", "bytes 1-99/300", None),
        ("bytes=0-99", "bytes 0-99/100000000000000000000", None),
        ("bytes=0-99", "bytes 0-99/*", None),
        ("bytes=0-99", "bytes */300", None),
        ("bytes=0-99", "0-99/300", None),
        ("bytes=0-99", "bytes 0-99/50", None),
        ("bytes=200-", "bytes 200-298/300", None),
        ("bytes=-100", "bytes 0-99/300", None),
        ("bytes=-0", "bytes 0-0/0", None),
    ] {
        let sent = [
            (ETAG, "\"v1\""),
            (CONTENT_RANGE, content_range),
            (TRANSFER_ENCODING, "chunked"),
        ];
        let checked = checked(&Method::GET, &[(RANGE, range)], 206, &sent);
        assert_eq!(checked.ok().flatten(), length, "{range}: {content_range}");
    }
    let whole = [(ETAG, "\"v1\""), (CONTENT_LENGTH, "300")];
    let range = [(RANGE, "bytes=0-99")];
    assert_eq!(checked(&Method::GET, &range, 200, &whole), Ok(Some(300)));
    assert!(checked(&Method::GET, &range, 206, &whole).is_err());
    assert!(checked(&Method::GET, &[], 206, &whole).is_err());
    let mut part = [
        (ETAG, "\"v1\""),
        (CONTENT_RANGE, "bytes 0-99/300"),
        (CONTENT_LENGTH, "100"),
    ];
    assert_eq!(checked(&Method::GET, &range, 206, &part), Ok(Some(100)));
    part[2].1 = "99";
    assert!(checked(&Method::GET, &range, 206, &part).is_err());
}

#[test]
fn an_object_is_from_s3_and_measured() {
    let tag = (ETAG, "\"v1\"");
    let length = (CONTENT_LENGTH, "6");
    let chunked = (TRANSFER_ENCODING, "chunked");
    for (name, headers, get, head) in [
        ("S3's", vec![tag.clone(), length.clone()], true, true),
        (
            "with another sign of S3",
            vec![(REQUEST_ID, "R1"), length.clone()],
            true,
            true,
        ),
        ("a page", vec![length.clone()], false, false),
        ("in chunks", vec![tag.clone(), chunked.clone()], true, true),
        (
            "up to the end of the connection",
            vec![tag.clone()],
            false,
            true,
        ),
        (
            "measured twice",
            vec![tag.clone(), length.clone(), chunked],
            false,
            false,
        ),
        (
            "of two lengths",
            vec![tag.clone(), length, (CONTENT_LENGTH, "7")],
            false,
            false,
        ),
        (
            "of a malformed length",
            vec![tag, (CONTENT_LENGTH, "six")],
            false,
            false,
        ),
    ] {
        for (method, fits) in [(Method::GET, get), (Method::HEAD, head)] {
            let checked = checked(&method, &[], 200, &headers);
            assert_eq!(checked.is_ok(), fits, "{name}, {method}: {checked:?}");
        }
    }
}
