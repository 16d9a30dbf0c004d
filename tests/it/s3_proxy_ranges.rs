//! Ranges and conditionals, in front of an S3 that verifies signatures.

use http::Method;
use portcullis::S3Proxy;
use portcullis::upstream::HttpClient;

use crate::support::fake_s3::{ETAG, FakeS3, Fault, LAST_MODIFIED};
use crate::support::{get, send};

const EARLIER: &str = "Tue, 21 Oct 2014 07:28:00 GMT";
const LATER: &str = "Fri, 21 Oct 2016 07:28:00 GMT";

async fn ten_bytes() -> (FakeS3, S3Proxy<HttpClient>) {
    let s3 = FakeS3::start().await;
    s3.put("a", "0123456789");
    s3.put("empty", "");
    let proxy = S3Proxy::new(s3.client());
    (s3, proxy)
}

#[tokio::test]
async fn one_range_is_mirrored_exactly() {
    let (_s3, proxy) = ten_bytes().await;
    for (range, status, content_range, body) in [
        ("bytes=0-0", 206, Some("bytes 0-0/10"), "0"),
        ("bytes=2-4", 206, Some("bytes 2-4/10"), "234"),
        ("bytes=7-", 206, Some("bytes 7-9/10"), "789"),
        ("bytes=-3", 206, Some("bytes 7-9/10"), "789"),
        ("bytes=-10000", 206, Some("bytes 0-9/10"), "0123456789"),
        ("bytes=8-99", 206, Some("bytes 8-9/10"), "89"),
        ("bytes=0-9", 206, Some("bytes 0-9/10"), "0123456789"),
        (
            "bytes=10-",
            416,
            Some("bytes */10"),
            "416 Range Not Satisfiable\n",
        ),
        (
            "bytes=10-20",
            416,
            Some("bytes */10"),
            "416 Range Not Satisfiable\n",
        ),
        (
            "bytes=-0",
            416,
            Some("bytes */10"),
            "416 Range Not Satisfiable\n",
        ),
        ("bytes=0-1,3-4", 200, None, "0123456789"),
        ("bytes=4-2", 200, None, "0123456789"),
        ("lines=0-1", 200, None, "0123456789"),
        ("bytes=x-", 200, None, "0123456789"),
        (
            "bytes=0-99999999999999999999999",
            206,
            Some("bytes 0-9/10"),
            "0123456789",
        ),
        ("bytes=99999999999999999999999-", 200, None, "0123456789"),
    ] {
        let answer = send(proxy.clone(), get("/a", &[("range", range)])).await;
        let (status_got, range_got) = (answer.status.as_u16(), answer.header("content-range"));
        assert_eq!(
            (status_got, range_got, &*answer.body),
            (status, content_range, body),
            "{range}"
        );
        if status != 416 {
            assert_eq!(
                answer.header("content-length").unwrap(),
                body.len().to_string()
            );
            assert_eq!(answer.header("accept-ranges"), Some("bytes"));
        }
    }
    let empty = send(proxy, get("/empty", &[("range", "bytes=0-")])).await;
    assert_eq!(
        (empty.status.as_u16(), empty.header("content-range")),
        (416, Some("bytes */0"))
    );
}

#[tokio::test]
async fn a_head_has_no_range() {
    let (s3, proxy) = ten_bytes().await;
    let mut request = get("/a", &[("range", "bytes=2-4"), ("if-range", ETAG)]);
    *request.method_mut() = Method::HEAD;
    let answer = send(proxy, request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-length")),
        (200, Some("10"))
    );
    assert!(!s3.wire()[0].headers.contains_key("range"));
}

#[tokio::test]
async fn the_four_conditionals_pass_through_with_their_validators() {
    let (_s3, proxy) = ten_bytes().await;
    for (headers, status) in [
        (&[("if-none-match", ETAG)][..], 304),
        (&[("if-none-match", "\"a\", \"v1\"")], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"other\"")], 200),
        (&[("if-modified-since", LAST_MODIFIED)], 304),
        (&[("if-modified-since", EARLIER)], 200),
        (&[("if-match", ETAG)], 200),
        (&[("if-match", "\"other\"")], 412),
        (&[("if-unmodified-since", LATER)], 200),
        (&[("if-unmodified-since", EARLIER)], 412),
        (&[("if-match", ETAG), ("if-none-match", ETAG)], 304),
        (&[("if-match", "\"other\""), ("range", "bytes=0-1")], 412),
        (&[("if-none-match", ETAG), ("range", "bytes=0-1")], 304),
        (&[("if-none-match", "\"a\""), ("if-none-match", ETAG)], 304),
        (&[("if-none-match", "\"a\", \"b\"")], 200),
        (&[("if-match", "\"a\", \"v1\"")], 200),
        (&[("if-match", "\"a\", \"b\"")], 412),
        (
            &[("if-match", "\"a\", \"b\""), ("if-none-match", ETAG)],
            412,
        ),
        // A list that is judged here comes before the range, which would be 416.
        (
            &[("if-none-match", "\"a\", \"v1\""), ("range", "bytes=99-")],
            304,
        ),
        (&[("if-match", "\"a\", \"b\""), ("range", "bytes=99-")], 412),
        (
            &[("if-match", "\"a\", \"v1\""), ("range", "bytes=0-1")],
            200,
        ),
        // A malformed date is ignored.
        (&[("if-modified-since", "yesterday")], 200),
        (&[("if-unmodified-since", "0")], 200),
        (
            &[
                ("if-modified-since", LAST_MODIFIED),
                ("if-modified-since", LAST_MODIFIED),
            ],
            200,
        ),
        (
            &[("if-modified-since", "Wednesday, 21-Oct-15 07:28:00 GMT")],
            304,
        ),
        // Some stores leave the quotes out, and clients send what they got.
        (&[("if-none-match", "v1")], 304),
        (&[("if-match", "v1")], 200),
        (&[("if-match", "v2")], 412),
        (&[("if-none-match", "\"")], 200),
        (&[("if-match", "\"")], 412),
        (&[("if-match", "\"\u{e9}\"")], 412),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let mut request = get("/a", headers);
            *request.method_mut() = method.clone();
            let answer = send(proxy.clone(), request).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {headers:?}");
            if status == 304 {
                assert_eq!(answer.header("etag"), Some(ETAG));
                assert_eq!(answer.header("last-modified"), Some(LAST_MODIFIED));
                assert_eq!((answer.header("content-length"), &*answer.body), (None, ""));
                assert_eq!(answer.header("content-type"), None);
            }
        }
    }
}

#[tokio::test]
async fn if_range_is_obeyed_here() {
    let (s3, proxy) = ten_bytes().await;
    for (if_range, status, body, requests) in [
        (ETAG, 206, "234", 1),
        (LAST_MODIFIED, 206, "234", 1),
        ("\"other\"", 200, "0123456789", 2),
        (EARLIER, 200, "0123456789", 2),
        ("W/\"v1\"", 200, "0123456789", 1),
        // S3 accepts a later date as well; only the very date counts.
        (LATER, 200, "0123456789", 2),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", 206, "234", 1),
        ("v1", 206, "234", 1),
        ("some garbage", 200, "0123456789", 1),
    ] {
        let headers = [("range", "bytes=2-4"), ("if-range", if_range)];
        let answer = send(proxy.clone(), get("/a", &headers)).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (status, body),
            "{if_range}"
        );
        let wire = s3.wire();
        assert_eq!(wire.len(), requests, "{if_range}");
        assert!(
            wire.iter()
                .all(|wire| !wire.headers.contains_key("if-range"))
        );
    }
    let with_none_match = [
        ("range", "bytes=2-4"),
        ("if-range", "\"other\""),
        ("if-none-match", ETAG),
    ];
    assert_eq!(
        send(proxy.clone(), get("/a", &with_none_match))
            .await
            .status,
        304
    );
    let with_match = [
        ("range", "bytes=2-4"),
        ("if-range", ETAG),
        ("if-match", "\"other\""),
    ];
    assert_eq!(
        send(proxy.clone(), get("/a", &with_match)).await.status,
        412
    );
    let unsatisfiable = [("range", "bytes=10-"), ("if-range", ETAG)];
    assert_eq!(send(proxy, get("/a", &unsatisfiable)).await.status, 416);
}

#[tokio::test]
async fn a_416_has_the_length_that_s3_sends() {
    let (s3, proxy) = ten_bytes().await;
    for (told, content_range) in [
        (Some("bytes */77"), Some("bytes */77")),
        (Some("bytes */x"), None),
        (None, None),
    ] {
        s3.fail("a", Fault::Unsatisfiable(told));
        let answer = send(proxy.clone(), get("/a", &[("range", "bytes=9-")])).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-range")),
            (416, content_range)
        );
    }
}
