//! The answers of `S3Proxy` while S3 denies, fails, is slow or disappears.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use futures_util::future::join_all;
use futures_util::stream;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use portcullis::aws::{CredentialsFuture, CredentialsProvider};
use portcullis::s3::{Bucket, BucketClient, S3Error, S3ErrorKind};
use portcullis::upstream::HttpClient;
use portcullis::{Clock, S3Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tower::{ServiceExt, service_fn};

use crate::support::fake_s3::{FakeS3, Fault, LIST, SECRET, credentials};
use crate::support::server::Server;
use crate::support::{Answer, get, head_of, send};

/// The clock of the machine, moved by some seconds.
#[derive(Debug)]
struct Moved(i64);

impl Clock for Moved {
    fn now(&self) -> SystemTime {
        let now = portcullis::SystemClock::default().now();
        let seconds = Duration::from_secs(self.0.unsigned_abs());
        if self.0 < 0 {
            now - seconds
        } else {
            now + seconds
        }
    }
}

fn error(status: u16, code: &'static str) -> Fault {
    Fault::Error(StatusCode::from_u16(status).unwrap(), code)
}

fn s3_error(answer: &Answer) -> &S3Error {
    let error = answer.extensions.get::<S3Error>();
    error.expect("the cause is for outer layers")
}

#[tokio::test]
async fn denied_is_missing_if_listing_is_denied() {
    for (name, fault, may_list, status) in [
        ("denied", error(403, "AccessDenied"), true, 502),
        ("missing", error(403, "AccessDenied"), false, 404),
        (
            "wrong secret",
            error(403, "SignatureDoesNotMatch"),
            false,
            502,
        ),
        (
            "no such key id",
            error(403, "InvalidAccessKeyId"),
            false,
            502,
        ),
        ("wrong time", error(403, "RequestTimeTooSkewed"), false, 502),
        (
            "no document",
            Fault::Html(StatusCode::FORBIDDEN),
            false,
            502,
        ),
        (
            "denied by another status",
            error(400, "AccessDenied"),
            false,
            502,
        ),
        ("expired", error(400, "ExpiredToken"), false, 502),
        (
            "no deleted version",
            error(405, "MethodNotAllowed"),
            false,
            502,
        ),
        ("no bucket", error(404, "NoSuchBucket"), false, 502),
    ] {
        let s3 = FakeS3::start().await;
        if !may_list {
            s3.deny_list();
        }
        s3.fail("a", fault);
        s3.put("there", "object");
        let proxy = S3Proxy::new(s3.client());
        for request in [
            get("/a", &[]),
            head_of("/a"),
            get("/a", &[("range", "bytes=0-")]),
        ] {
            let method = request.method().clone();
            let answer = send(proxy.clone(), request).await;
            assert_eq!(answer.status.as_u16(), status, "{name}, {method}");
        }
        assert_eq!(send(proxy, get("/there", &[])).await.status, 200, "{name}");
        let learns = matches!(name, "denied" | "missing");
        assert_eq!(s3.lists(), usize::from(learns), "{name}: at most one list");
    }
}

#[tokio::test]
async fn a_failed_list_is_not_kept() {
    let s3 = FakeS3::start().await;
    s3.fail("a", error(403, "AccessDenied"));
    let proxy = S3Proxy::new(s3.client());
    for (fault, kind) in [
        (error(403, "SignatureDoesNotMatch"), S3ErrorKind::Denied),
        (error(404, "NoSuchBucket"), S3ErrorKind::Unexpected),
        (Fault::Html(StatusCode::FORBIDDEN), S3ErrorKind::Denied),
    ] {
        s3.fail(LIST, fault);
        let answer = send(proxy.clone(), get("/a", &[])).await;
        assert_eq!(
            (answer.status.as_u16(), s3_error(&answer).kind()),
            (502, kind)
        );
        assert_eq!(s3.lists(), 1, "a failed list is asked again");
    }
    s3.deny_list();
    assert_eq!(send(proxy, get("/a", &[])).await.status, 404);
}

#[tokio::test]
async fn concurrent_denied_requests_list_once() {
    let s3 = FakeS3::start().await;
    s3.deny_list();
    let proxy = S3Proxy::new(s3.client());
    let answers = join_all((0..50).map(|_| send(proxy.clone(), get("/missing", &[])))).await;
    assert!(answers.iter().all(|answer| answer.status == 404));
    assert_eq!(s3.lists(), 1);
}

#[tokio::test]
async fn requests_that_wait_share_a_failed_list() {
    let s3 = FakeS3::start().await;
    s3.fail("a", error(403, "AccessDenied"));
    s3.fail(LIST, Fault::Silence);
    let client = s3
        .client()
        .with_first_byte_timeout(Duration::from_millis(500));
    let proxy = S3Proxy::new(client);
    let answers = join_all((0..5).map(|_| send(proxy.clone(), get("/a", &[])))).await;
    assert!(answers.iter().all(|answer| answer.status == 504));
    assert_eq!(s3.lists(), 1, "they do not wait for one another");
}

#[tokio::test]
async fn the_list_permission_is_kept_five_minutes() {
    let s3 = FakeS3::start().await;
    s3.deny_list();
    let client = s3.client();
    for (seconds, lists) in [(0, 1), (290, 0), (310, 1), (590, 0)] {
        // The clones share the permission; only their clocks differ.
        let proxy = S3Proxy::new(client.clone().with_clock(Moved(seconds)));
        assert_eq!(send(proxy, get("/missing", &[])).await.status, 404);
        assert_eq!(s3.lists(), lists, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_get_explains_a_failed_head() {
    let s3 = FakeS3::start().await;
    s3.put("there", "object");
    s3.fail("no-bucket", error(404, "NoSuchBucket"));
    // An object that is created between the two.
    s3.put("new", "object");
    s3.fail("new", Fault::HeadFails(StatusCode::NOT_FOUND));
    s3.fail("failing", error(500, "InternalError"));
    let proxy = S3Proxy::new(s3.client());
    for (target, status, asked) in [
        ("/there", 200, &["HEAD"][..]),
        ("/missing", 404, &["HEAD", "GET bytes=0-0"]),
        ("/no-bucket", 502, &["HEAD", "GET bytes=0-0"]),
        ("/new", 502, &["HEAD", "GET bytes=0-0"]),
        ("/failing", 502, &["HEAD", "HEAD", "HEAD"]),
    ] {
        let answer = send(proxy.clone(), head_of(target)).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        let wire: Vec<_> = s3
            .wire()
            .iter()
            .map(|wire| match wire.headers.get("range") {
                Some(range) => format!("{} {}", wire.method, range.to_str().unwrap()),
                None => wire.method.to_string(),
            })
            .collect();
        assert_eq!(wire, asked, "{target}");
    }
}

#[tokio::test]
async fn the_region_of_the_bucket_is_named() {
    let header = |region| ("x-amz-bucket-region", region);
    for (fault, kind, region) in [
        (
            Fault::With(
                StatusCode::MOVED_PERMANENTLY,
                "PermanentRedirect",
                header("us-east-2"),
            ),
            S3ErrorKind::WrongRegion,
            Some("us-east-2"),
        ),
        (
            Fault::Telling(
                StatusCode::BAD_REQUEST,
                "AuthorizationHeaderMalformed",
                "<Region>us-east-2</Region>",
            ),
            S3ErrorKind::WrongRegion,
            Some("us-east-2"),
        ),
        // The region that was asked, no region, and a store that names one with every refusal.
        (
            Fault::With(
                StatusCode::BAD_REQUEST,
                "InvalidArgument",
                header("eu-west-1"),
            ),
            S3ErrorKind::Unexpected,
            None,
        ),
        (
            Fault::With(
                StatusCode::MOVED_PERMANENTLY,
                "PermanentRedirect",
                header("a b"),
            ),
            S3ErrorKind::Unexpected,
            None,
        ),
        (
            Fault::With(StatusCode::FORBIDDEN, "AccessDenied", header("us-east-2")),
            S3ErrorKind::Denied,
            None,
        ),
    ] {
        let s3 = FakeS3::start().await;
        s3.fail("a", fault.clone());
        for request in [get("/a", &[]), head_of("/a")] {
            let answer = send(S3Proxy::new(s3.client()), request).await;
            assert_eq!(answer.status, 502);
            let error = s3_error(&answer);
            assert_eq!(
                (error.kind(), error.bucket_region()),
                (kind, region),
                "{fault:?}"
            );
            if region.is_some() {
                let text = error.to_string();
                let expected = "the bucket is in another region, us-east-2, status ";
                assert!(text.starts_with(expected), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_clock_is_reported() {
    let s3 = FakeS3::start().await;
    s3.fail("a", error(403, "RequestTimeTooSkewed"));
    s3.fail("b", error(403, "SignatureDoesNotMatch"));
    for (seconds, direction) in [(3600, "ahead of"), (-3600, "behind")] {
        let proxy = S3Proxy::new(s3.client().with_clock(Moved(seconds)));
        let answer = send(proxy, get("/a", &[])).await;
        assert_eq!(answer.status, 502);
        let skew = s3_error(&answer).clock_skew().unwrap();
        assert!((skew - seconds).abs() < 60, "{skew}");
        let text = s3_error(&answer).to_string();
        assert!(
            text.contains(&format!("seconds {direction} S3's")),
            "{text}"
        );
    }
    let answer = send(S3Proxy::new(s3.client()), get("/b", &[])).await;
    assert_eq!(s3_error(&answer).clock_skew(), None);
}

#[tokio::test]
async fn only_a_busy_s3_is_asked_again() {
    let busy = || error(503, "SlowDown");
    let waits = |seconds| {
        Fault::With(
            StatusCode::SERVICE_UNAVAILABLE,
            "SlowDown",
            ("retry-after", seconds),
        )
    };
    for (name, times, fault, status, asked, retry_after) in [
        ("busy once", 1, busy(), 200, 2, None),
        ("busy twice", 2, busy(), 200, 3, None),
        ("busy for long", 9, busy(), 503, 3, Some("1")),
        ("asks to wait for a second", 1, waits("1"), 200, 2, None),
        ("asks to wait for long", 1, waits("7"), 503, 1, Some("7")),
        (
            "asks to wait for ever",
            1,
            waits("86400"),
            503,
            1,
            Some("60"),
        ),
        ("failed once", 1, error(500, "InternalError"), 200, 2, None),
        (
            "failed for long",
            9,
            error(500, "InternalError"),
            502,
            3,
            None,
        ),
        (
            "a proxy failed",
            1,
            Fault::Html(StatusCode::BAD_GATEWAY),
            200,
            2,
            None,
        ),
        (
            "a proxy waited for long",
            1,
            Fault::Html(StatusCode::GATEWAY_TIMEOUT),
            200,
            2,
            None,
        ),
        (
            "a proxy denied",
            1,
            Fault::Html(StatusCode::FORBIDDEN),
            502,
            1,
            None,
        ),
        (
            "denied",
            1,
            error(403, "SignatureDoesNotMatch"),
            502,
            1,
            None,
        ),
        ("missing", 1, error(404, "NoSuchKey"), 404, 1, None),
        ("not S3's", 1, error(400, "ExpiredToken"), 502, 1, None),
    ] {
        let s3 = FakeS3::start().await;
        s3.put("a", "object");
        s3.fail_times("a", times, fault);
        let answer = send(S3Proxy::new(s3.client()), get("/a", &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert_eq!(s3.wire().len(), asked, "{name}");
        assert_eq!(answer.header("retry-after"), retry_after, "{name}");
    }
}

/// An S3 that answers one request on each connection and closes it after receiving the second. It closes
/// the first `silent` connections after receiving the first.
async fn closing(listener: TcpListener, silent: usize) {
    for accepted in 0.. {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await;
            if accepted >= silent {
                let answer = b"HTTP/1.1 200 OK\r\netag: \"v1\"\r\ncontent-length: 6\r\n\r\nobject";
                stream.write_all(answer).await.unwrap();
                let _ = stream.read(&mut request).await;
            }
        });
    }
}

#[tokio::test]
async fn a_closed_connection_is_replaced_once() {
    for (name, silent, statuses) in [
        // The second request is sent on a kept connection, which is then closed.
        ("kept connections are closed", 0, [200, 200]),
        ("one connection is lost", 1, [200, 200]),
        ("all connections are lost", usize::MAX, [502, 502]),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let bucket = Bucket::new("wheels", "us-east-1").unwrap();
        let bucket = bucket.with_endpoint(&endpoint).unwrap();
        let s3 = tokio::spawn(closing(listener, silent));
        let client = BucketClient::new(bucket, credentials(SECRET)).unwrap();
        let proxy = S3Proxy::new(client);
        for status in statuses {
            let answer = send(proxy.clone(), get("/a", &[])).await;
            assert_eq!(answer.status.as_u16(), status, "{name}");
            if status == 502 {
                assert_eq!(s3_error(&answer).kind(), S3ErrorKind::Unreachable);
            }
        }
        s3.abort();
    }
}

#[tokio::test]
async fn a_lost_request_is_sent_twice() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let losing = service_fn(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Err::<http::Response<Body>, _>(std::io::Error::other("reset")) }
    });
    let bucket = Bucket::new("wheels", "us-east-1").unwrap();
    let client = BucketClient::with_client(losing, bucket, credentials(SECRET));
    let answer = send(S3Proxy::new(client), get("/a", &[])).await;
    assert_eq!(answer.status, 502);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_failed_connection_is_tried_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let no_tls = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let bucket = Bucket::new("wheels", "us-east-1").unwrap();
    let bucket = bucket.with_endpoint(&endpoint).unwrap();
    let client = HttpClient::without_tls().unwrap();
    let client = BucketClient::with_client(client, bucket, credentials(SECRET));
    let answer = send(S3Proxy::new(client), get("/a", &[])).await;
    assert_eq!(answer.status, 502);
    assert_eq!(s3_error(&answer).kind(), S3ErrorKind::Unreachable);
    assert_eq!(tried.load(Ordering::Relaxed), 1);
    no_tls.abort();
}

#[tokio::test(start_paused = true)]
async fn a_trickling_error_document_times_out() {
    let trickling = service_fn(|_| async {
        let bytes = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            Some((Ok::<_, Infallible>("<"), ()))
        });
        let response = http::Response::builder().status(404);
        Ok::<_, Infallible>(response.body(Body::from_stream(bytes)).unwrap())
    });
    let bucket = Bucket::new("wheels", "us-east-1").unwrap();
    let client = BucketClient::with_client(trickling, bucket, credentials(SECRET))
        .with_first_byte_timeout(Duration::from_secs(30));
    let begun = tokio::time::Instant::now();
    let answer = send(S3Proxy::new(client), get("/a", &[])).await;
    assert_eq!(
        (answer.status.as_u16(), begun.elapsed().as_secs()),
        (502, 30)
    );
}

#[tokio::test]
async fn an_answer_that_does_not_begin_is_504() {
    let s3 = FakeS3::start().await;
    s3.fail("a", Fault::Silence);
    s3.put("b", "object");
    let client = s3
        .client()
        .with_first_byte_timeout(Duration::from_millis(200));
    let proxy = S3Proxy::new(client);
    for method in [Method::GET, Method::HEAD] {
        let mut request = get("/a", &[]);
        *request.method_mut() = method;
        let answer = send(proxy.clone(), request).await;
        assert_eq!(answer.status, 504);
        assert_eq!(s3_error(&answer).kind(), S3ErrorKind::TimedOut);
        assert_eq!(s3.wire().len(), 1, "a slow S3 is not asked again");
    }
    assert_eq!(send(proxy, get("/b", &[])).await.status, 200);
}

#[tokio::test]
async fn credentials_that_do_not_come_are_503() {
    #[derive(Debug)]
    struct Never;
    impl CredentialsProvider for Never {
        fn credentials(&self) -> CredentialsFuture<'_> {
            CredentialsFuture::new(std::future::pending())
        }
    }
    let s3 = FakeS3::start().await;
    let client = BucketClient::new(s3.bucket(), Never).unwrap();
    let client = client.with_first_byte_timeout(Duration::from_millis(200));
    let answer = send(S3Proxy::new(client), get("/a", &[])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(s3_error(&answer).kind(), S3ErrorKind::Credentials);
    assert!(s3.wire().is_empty());
}

#[tokio::test]
async fn a_stalled_object_times_out() {
    let s3 = FakeS3::start().await;
    s3.fail("a", Fault::Stall);
    let client = s3
        .client()
        .with_idle_body_timeout(Duration::from_millis(200));
    let response = S3Proxy::new(client).oneshot(get("/a", &[])).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let begun = body.frame().await.unwrap().unwrap();
    assert_eq!(begun.into_data().unwrap(), "begun");
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), S3ErrorKind::TimedOut);
    assert_eq!(
        error.source().unwrap().to_string(),
        "nothing came for 200ms"
    );
}

#[tokio::test]
async fn a_failed_body_never_ends_well() {
    let s3 = FakeS3::start().await;
    s3.fail("cut", Fault::CutShort);
    s3.fail("stalled", Fault::Stall);
    s3.fail("unmeasured", Fault::Unmeasured);
    s3.put("whole", "object");
    let client = s3
        .client()
        .with_idle_body_timeout(Duration::from_millis(200));
    let server = Server::start(S3Proxy::new(client)).await;
    let ask = async |path: &str| {
        let request = format!("GET /{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let answer = server.raw(&request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        (head.to_owned(), body.to_owned())
    };
    // Bodies that fail, with a length and in chunks, beside bodies that end well.
    let (head, body) = ask("cut").await;
    assert!(head.contains("content-length: 20000"));
    assert_eq!(body, "half of it");
    let (head, body) = ask("whole").await;
    assert!(head.contains("content-length: 6"));
    assert_eq!(body, "object");
    let (head, body) = ask("stalled").await;
    assert!(head.contains("transfer-encoding: chunked"));
    assert_eq!(body, "5\r\nbegun\r\n");
    assert_eq!(ask("unmeasured").await.1, "5\r\nbegun\r\n0\r\n\r\n");
}

#[tokio::test]
async fn a_client_that_hangs_up_stops_the_reading() {
    let s3 = FakeS3::start().await;
    let notice = Arc::new(Notify::new());
    s3.fail("a", Fault::Endless(Arc::clone(&notice)));
    let server = Server::start(S3Proxy::new(s3.client())).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut some = vec![0; 64 * 1024];
    stream.read_exact(&mut some).await.unwrap();
    drop(stream);
    let stopped = tokio::time::timeout(Duration::from_mins(1), notice.notified());
    stopped.await.expect("the read from S3 goes on");
}
