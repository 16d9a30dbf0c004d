//! `S3Proxy` in front of an S3 that verifies signatures.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use portcullis::path::{AlternatePath, PathError, PathErrorKind};
use portcullis::s3::{Bucket, BucketClient, S3Error, S3ErrorKind, UpstreamTime};
use portcullis::{CanonicalPathLayer, S3Proxy};
use tower::{Layer, ServiceExt};

use crate::support::fake_s3::{ETAG, FakeS3, Fault, LAST_MODIFIED, SECRET, credentials};
use crate::support::{AWKWARD_KEYS, Answer, get, send};

fn s3_error(answer: &Answer) -> &S3Error {
    answer
        .extensions
        .get::<S3Error>()
        .expect("the cause is for outer layers")
}

#[tokio::test]
async fn awkward_keys_are_served_from_any_spelling() {
    let s3 = FakeS3::start().await;
    let stack = CanonicalPathLayer::new().layer(S3Proxy::new(s3.client()));
    for (key, spellings) in AWKWARD_KEYS {
        s3.put(key, key);
        for spelling in spellings {
            let answer = send(stack.clone(), get(spelling, &[])).await;
            assert_eq!(
                (answer.status.as_u16(), &*answer.body),
                (200, key),
                "{spelling}"
            );
        }
        let wire: Vec<_> = s3.wire().into_iter().map(|wire| wire.uri).collect();
        assert!(
            wire.iter().all(|uri| *uri == wire[0]),
            "one key, one path on the wire: {wire:?}"
        );
    }
    assert_eq!(send(stack, get("/a%20c", &[])).await.status, 404);
}

#[tokio::test]
async fn a_wrong_secret_is_502() {
    let s3 = FakeS3::start().await;
    s3.put("a", "object");
    let wrong = S3Proxy::new(s3.client_with_secret("wrong"));
    for method in [Method::GET, Method::HEAD] {
        let request = Request::builder()
            .method(&method)
            .uri("/a")
            .body(Body::empty())
            .unwrap();
        let answer = send(wrong.clone(), request).await;
        assert_eq!(answer.status, 502, "{method}");
        assert_eq!(s3_error(&answer).kind(), S3ErrorKind::Denied);
        assert_eq!(s3_error(&answer).status(), Some(StatusCode::FORBIDDEN));
    }
    let answer = send(wrong, get("/a", &[])).await;
    assert_eq!(s3_error(&answer).code(), Some("SignatureDoesNotMatch"));
    let right = send(S3Proxy::new(s3.client_with_secret(SECRET)), get("/a", &[])).await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn only_get_head_and_options_pass() {
    let s3 = FakeS3::start().await;
    s3.put("a", "object");
    let proxy = S3Proxy::new(s3.client());
    let ask = |method: Method, target: &str| {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .body(Body::from("body"))
            .unwrap();
        send(proxy.clone(), request)
    };
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
    ] {
        let answer = ask(method.clone(), "/a").await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    assert_eq!(
        ask(Method::from_bytes(b"PROPFIND").unwrap(), "/a")
            .await
            .status,
        405
    );
    let options = ask(Method::OPTIONS, "/a").await;
    assert_eq!((options.status.as_u16(), &*options.body), (200, ""));
    assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS"));
    assert_eq!(ask(Method::OPTIONS, "/").await.status, 200);
    assert_eq!(ask(Method::OPTIONS, "/a/..").await.status, 400);
    assert!(s3.wire().is_empty(), "S3 was not asked");

    let got = ask(Method::GET, "/a").await;
    let headed = ask(Method::HEAD, "/a").await;
    assert_eq!((got.body.as_str(), headed.body.as_str()), ("object", ""));
    assert_eq!(
        got.headers, headed.headers,
        "a HEAD has the headers of the GET"
    );
    assert_eq!(headed.header("content-length"), Some("6"));
    let methods: Vec<_> = s3.wire().into_iter().map(|wire| wire.method).collect();
    assert_eq!(methods, [Method::GET, Method::HEAD]);
}

#[tokio::test]
async fn a_hostile_path_never_reaches_s3() {
    let s3 = FakeS3::start().await;
    s3.put("private/x", "secret");
    s3.put("a", "object");
    let proxy = S3Proxy::new(s3.client());
    let long = format!("/{}", "k".repeat(1025));
    for (target, status, kind) in [
        ("/public/../private/x", 400, PathErrorKind::DotSegment),
        ("/public/%2e%2e/private/x", 400, PathErrorKind::DotSegment),
        ("/public%2F..%2Fprivate%2Fx", 400, PathErrorKind::DotSegment),
        ("/a%00", 400, PathErrorKind::ControlByte),
        ("/a%5C", 400, PathErrorKind::Backslash),
        ("/a%zz", 400, PathErrorKind::BadEscape),
        ("/a%ff", 400, PathErrorKind::NotUtf8),
        ("/%70rivate/x", 400, PathErrorKind::NotCanonical),
        ("/private%2Fx", 400, PathErrorKind::NotCanonical),
        ("/./private/x", 400, PathErrorKind::NotCanonical),
        ("/", 404, PathErrorKind::NoKey),
        (&long, 414, PathErrorKind::TooLong),
    ] {
        let answer = send(proxy.clone(), get(target, &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        assert_eq!(
            answer.extensions.get::<PathError>().unwrap().kind(),
            kind,
            "{target}"
        );
        assert!(answer.body.len() < 100);
    }
    assert!(s3.wire().is_empty());
    assert_eq!(send(proxy, get("/a", &[])).await.status, 200);
}

#[tokio::test]
async fn only_range_and_conditionals_reach_s3() {
    let s3 = FakeS3::start().await;
    s3.put("a", "object");
    let proxy = S3Proxy::new(s3.client());
    let target =
        "/a?acl&policy&uploads&versionId=1&X-Amz-Signature=x&response-content-type=text/html";
    let headers = [
        ("authorization", "Basic eDp5"),
        ("cookie", "session=1"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-amz-copy-source", "/other/key"),
        ("x-amz-security-token", "x"),
        ("x-amz-date", "20000101T000000Z"),
        ("accept-encoding", "gzip"),
        ("connection", "x-amz-date, if-match"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("if-none-match", "\"other\""),
    ];
    let answer = send(proxy.clone(), get(target, &headers)).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "object"));
    let wire = &s3.wire()[0];
    assert_eq!(wire.uri, "/wheels/a");
    let mut names: Vec<_> = wire.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let expected = [
        "authorization",
        "host",
        "if-none-match",
        "x-amz-content-sha256",
        "x-amz-date",
    ];
    assert_eq!(names, expected);
    assert!(
        wire.headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("AWS4-HMAC-SHA256 ")
    );
    assert_ne!(wire.headers["host"], "evil.example");

    // The headers that `Connection` names belong to the last hop.
    let headers = [
        ("connection", "x, Range ,if-none-match"),
        ("connection", "if-range"),
        ("if-none-match", ETAG),
        ("range", "bytes=0-1"),
        ("if-match", ETAG),
    ];
    let answer = send(proxy, get("/a", &headers)).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "object"));
    let wire = &s3.wire()[0];
    assert!(wire.headers.contains_key("if-match"));
    assert!(!wire.headers.contains_key("range") && !wire.headers.contains_key("if-none-match"));
}

#[tokio::test]
async fn only_headers_about_the_object_are_passed_on() {
    let s3 = FakeS3::start().await;
    let headers = [
        ("content-type", "application/x-gzip"),
        ("content-encoding", "gzip"),
        ("content-disposition", "attachment; filename=\"a\""),
        ("content-language", "en"),
        ("cache-control", "public, max-age=60"),
        ("expires", "Thu, 01 Dec 2050 16:00:00 GMT"),
        ("set-cookie", "from=s3"),
        ("www-authenticate", "Basic"),
    ];
    s3.put_with("a", "object", &headers);
    let answer = send(S3Proxy::new(s3.client()), get("/a", &[])).await;
    let mut expected = HeaderMap::new();
    for (name, value) in &headers[..6] {
        expected.insert(*name, value.parse().unwrap());
    }
    for (name, value) in [
        ("etag", ETAG),
        ("last-modified", LAST_MODIFIED),
        ("accept-ranges", "bytes"),
        ("content-length", "6"),
        ("x-content-type-options", "nosniff"),
    ] {
        expected.insert(name, value.parse().unwrap());
    }
    assert_eq!(answer.headers, expected);
    assert!(answer.extensions.get::<UpstreamTime>().is_some());
    assert_eq!(
        answer.extensions.len(),
        1,
        "nothing of the client's response is passed on"
    );
}

#[tokio::test]
async fn an_authorised_answer_is_private_to_caches() {
    let s3 = FakeS3::start().await;
    s3.put_with(
        "a",
        "object",
        &[("cache-control", "public, must-revalidate, max-age=0")],
    );
    s3.put("plain", "object");
    s3.put_with(
        "wheel",
        "object",
        &[("cache-control", "max-age=31536000, immutable")],
    );
    let proxy = S3Proxy::new(s3.client());
    for (target, cache_control) in [
        ("/a", "private, must-revalidate, max-age=0"),
        ("/plain", "private, no-cache"),
        ("/wheel", "private, max-age=31536000, immutable"),
    ] {
        for headers in [
            &[][..],
            &[("if-none-match", ETAG)],
            &[("range", "bytes=0-1")],
        ] {
            let mut request = get(target, headers);
            request
                .extensions_mut()
                .insert(portcullis::gate::Identity::new("basic", "ci"));
            let answer = send(proxy.clone(), request).await;
            assert_eq!(
                answer.header("cache-control"),
                Some(cache_control),
                "{target} {headers:?}"
            );
            assert_eq!(answer.header("etag"), Some(ETAG));
            assert_eq!(answer.header("vary"), Some("Authorization, Cookie"));
        }
    }
    let open = send(proxy, get("/a", &[])).await;
    assert_eq!(
        open.header("cache-control"),
        Some("public, must-revalidate, max-age=0")
    );
    assert_eq!(open.header("vary"), None);
}

#[tokio::test]
async fn an_s3_error_is_logged_and_not_sent() {
    use S3ErrorKind::{Denied, SlowDown, Unexpected};
    let s3 = FakeS3::start().await;
    let proxy = S3Proxy::new(s3.client());
    let error = |status: u16, code| Fault::Error(StatusCode::from_u16(status).unwrap(), code);
    for (fault, status, kind, code) in [
        (
            error(403, "AccessDenied"),
            502,
            Denied,
            Some("AccessDenied"),
        ),
        (
            error(403, "RequestTimeTooSkewed"),
            502,
            Denied,
            Some("RequestTimeTooSkewed"),
        ),
        (
            error(404, "NoSuchBucket"),
            502,
            Unexpected,
            Some("NoSuchBucket"),
        ),
        (
            error(301, "PermanentRedirect"),
            502,
            Unexpected,
            Some("PermanentRedirect"),
        ),
        (
            error(307, "TemporaryRedirect"),
            502,
            Unexpected,
            Some("TemporaryRedirect"),
        ),
        (
            error(400, "AuthorizationHeaderMalformed"),
            502,
            Unexpected,
            Some("AuthorizationHeaderMalformed"),
        ),
        (
            error(401, "Unauthorized"),
            502,
            Unexpected,
            Some("Unauthorized"),
        ),
        (
            error(500, "InternalError"),
            502,
            Unexpected,
            Some("InternalError"),
        ),
        (error(503, "SlowDown"), 503, SlowDown, Some("SlowDown")),
        (Fault::Html(StatusCode::BAD_GATEWAY), 502, Unexpected, None),
        (Fault::Html(StatusCode::FORBIDDEN), 502, Denied, None),
        (Fault::Html(StatusCode::CREATED), 502, Unexpected, None),
        // No S3 answers 404 like these, so they do not mean that the key is missing.
        (Fault::Html(StatusCode::NOT_FOUND), 502, Unexpected, None),
        (
            Fault::BrokenDocument(StatusCode::NOT_FOUND, "NoSuchKey"),
            502,
            Unexpected,
            None,
        ),
        (
            Fault::EndlessDocument(StatusCode::NOT_FOUND, "NoSuchKey"),
            502,
            Unexpected,
            None,
        ),
        (
            Fault::EndlessDocument(StatusCode::FORBIDDEN, "AccessDenied"),
            502,
            Denied,
            None,
        ),
    ] {
        s3.fail("a", fault.clone());
        let answer = send(proxy.clone(), get("/a", &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{fault:?}");
        let error = s3_error(&answer);
        assert_eq!((error.kind(), error.code()), (kind, code), "{fault:?}");
        let has_id = matches!(fault, Fault::Error(..));
        assert_eq!(error.request_id(), has_id.then_some("R1"), "{fault:?}");
        assert_eq!(answer.header("retry-after"), (status == 503).then_some("1"));
        assert!(answer.all("www-authenticate").is_empty());
        for secret in ["wheels", "<", "Denied", "127.0.0.1", "R1"] {
            assert!(!answer.body.contains(secret), "{fault:?}: {}", answer.body);
        }
    }
    let missing = send(proxy.clone(), get("/missing", &[])).await;
    assert_eq!(
        (missing.status.as_u16(), &*missing.body),
        (404, "404 Not Found\n")
    );
    let head = Request::head("/missing").body(Body::empty()).unwrap();
    assert_eq!(send(proxy, head).await.status, 404);
}

#[tokio::test]
async fn an_s3_that_cannot_be_reached_is_502() {
    // The port was free a moment ago, and nothing listens on it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let bucket = Bucket::new("wheels", "us-east-1")
        .unwrap()
        .with_endpoint(&endpoint)
        .unwrap();
    let client = BucketClient::new(bucket, credentials(SECRET)).unwrap();
    let answer = send(S3Proxy::new(client), get("/a", &[])).await;
    assert_eq!(answer.status, 502);
    assert_eq!(s3_error(&answer).kind(), S3ErrorKind::Unreachable);
    assert!(std::error::Error::source(s3_error(&answer)).is_some());
}

#[tokio::test]
async fn credentials_that_fail_are_503() {
    #[derive(Debug)]
    struct None;
    impl portcullis::aws::CredentialsProvider for None {
        fn credentials(&self) -> portcullis::aws::CredentialsFuture<'_> {
            portcullis::aws::CredentialsFuture::new(async {
                tokio::task::yield_now().await;
                let source = std::io::Error::other("no route to the metadata service");
                let error = portcullis::aws::CredentialsError::new("no credentials");
                Err(error.with_source(source))
            })
        }
    }
    let s3 = FakeS3::start().await;
    let client = BucketClient::new(s3.bucket(), None).unwrap();
    let answer = send(S3Proxy::new(client), get("/a", &[])).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(s3_error(&answer).kind(), S3ErrorKind::Credentials);
    assert!(s3.wire().is_empty());
}

#[tokio::test]
async fn a_body_cut_short_by_s3_fails() {
    let s3 = FakeS3::start().await;
    s3.fail("a", Fault::CutShort);
    let response = S3Proxy::new(s3.client())
        .oneshot(get("/a", &[]))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-length"], "20000");
    assert!(response.into_body().collect().await.is_err());
}

/// Reads a body of sevens to its end, and returns its length and that of its largest frame.
async fn read_sevens<B>(mut body: B) -> (usize, usize)
where
    B: http_body::Body<Data = Bytes, Error = S3Error> + Unpin,
{
    let (mut total, mut largest) = (0, 0);
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        assert!(data.iter().all(|byte| *byte == 7));
        total += data.len();
        largest = largest.max(data.len());
    }
    (total, largest)
}

#[tokio::test]
async fn bodies_stream_in_bounded_frames() {
    let s3 = FakeS3::start().await;
    s3.put("large", vec![7; 8 << 20]);
    let proxy = S3Proxy::new(s3.client());
    let open = || async {
        let response = proxy.clone().oneshot(get("/large", &[])).await.unwrap();
        response.into_body()
    };
    let body = open().await;
    assert_eq!(http_body::Body::size_hint(&body).exact(), Some(8 << 20));
    let (total, largest) = read_sevens(body).await;
    assert_eq!(total, 8 << 20);
    let kib = largest / 1024;
    assert!(
        (17..=64).contains(&kib),
        "a frame of {kib} KiB: the read buffer is bounded"
    );

    // Hundreds of slow clients must not hold hundreds of large buffers.
    let held = futures_util::future::join_all((0..64).map(|_| open())).await;
    let (total, largest) = read_sevens(open().await).await;
    assert_eq!(total, 8 << 20);
    assert!(
        largest <= 16 * 1024,
        "a frame of {largest} bytes beside 64 others"
    );
    drop(held);
    let (_, largest) = read_sevens(open().await).await;
    assert!(largest > 16 * 1024, "they have ended");
}

#[tokio::test]
async fn the_prefix_confines() {
    let s3 = FakeS3::start().await;
    s3.put("inside/a", "inside");
    s3.put("a", "outside");
    s3.put("inside", "beside");
    s3.put("inside/", "the folder");
    s3.put("outside/", "outside");
    let bucket = s3.bucket().with_prefix("/inside").unwrap();
    let proxy = S3Proxy::new(BucketClient::new(bucket, credentials(SECRET)).unwrap());
    for (target, body) in [("/a", "inside"), ("/", "the folder")] {
        assert_eq!(send(proxy.clone(), get(target, &[])).await.body, body);
    }
    for (target, status) in [
        ("/../a", 400),
        ("//a", 404),
        ("/inside/a", 404),
        ("/..%2Fa", 400),
    ] {
        assert_eq!(
            send(proxy.clone(), get(target, &[])).await.status.as_u16(),
            status,
            "{target}"
        );
    }
    for (alternate, status) in [
        ("/outside/", 404),
        ("/../outside/", 404),
        ("/%6futside/", 404),
        ("/", 200),
    ] {
        let mut request = get("/missing", &[]);
        request
            .extensions_mut()
            .insert(AlternatePath::new(alternate));
        assert_eq!(
            send(proxy.clone(), request).await.status.as_u16(),
            status,
            "{alternate}"
        );
    }
    let longest = format!("/{}", "k".repeat(1024 - 7));
    assert_eq!(send(proxy.clone(), get(&longest, &[])).await.status, 404);
    assert_eq!(
        send(proxy, get(&format!("{longest}k"), &[])).await.status,
        414
    );
}

#[tokio::test]
async fn an_alternate_that_is_not_empty_is_served() {
    let s3 = FakeS3::start().await;
    s3.put("old/index.html", "document");
    s3.put("old/", "unused");
    s3.put("new/", "folder object");
    s3.put("marker/", "");
    s3.fail(
        "broken/",
        Fault::Error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
    );
    s3.fail(
        "denied/index.html",
        Fault::Error(StatusCode::FORBIDDEN, "AccessDenied"),
    );
    s3.put("denied/", "must not be served");
    s3.put("single/index.html", "document");
    s3.put("dark/", "not to be judged");
    s3.fail("dark/", Fault::HeadFails(StatusCode::INTERNAL_SERVER_ERROR));
    let proxy = S3Proxy::new(s3.client());
    let ask = |method: Method, folder: &str, headers: &[(&str, &str)]| {
        let mut request = get(&format!("/{folder}/index.html"), headers);
        *request.method_mut() = method;
        request
            .extensions_mut()
            .insert(AlternatePath::new(format!("/{folder}/")));
        send(proxy.clone(), request)
    };
    for (folder, status, body) in [
        ("old", 200, "document"),
        ("new", 200, "folder object"),
        ("marker", 404, "404 Not Found\n"),
        ("neither", 404, "404 Not Found\n"),
        ("broken", 502, "502 Bad Gateway\n"),
        ("denied", 502, "502 Bad Gateway\n"),
    ] {
        let answer = ask(Method::GET, folder, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (status, body),
            "{folder}"
        );
        let answer = ask(Method::HEAD, folder, &[]).await;
        assert_eq!(answer.status.as_u16(), status, "HEAD {folder}");
        let answer = ask(Method::GET, folder, &[("range", "bytes=0-2")]).await;
        assert_eq!(
            answer.status.as_u16(),
            if status == 200 { 206 } else { status },
            "{folder}"
        );
    }
    for (folder, headers, status) in [
        ("new", &[("if-none-match", ETAG)][..], 304),
        ("new", &[("if-none-match", "*")], 304),
        ("new", &[("if-match", "\"other\"")], 412),
        ("new", &[("range", "bytes=100-")], 416),
        ("marker", &[("if-none-match", ETAG)], 404),
        ("marker", &[("if-none-match", "*")], 404),
        ("marker", &[("if-match", "\"other\"")], 404),
        ("marker", &[("range", "bytes=0-")], 404),
        ("dark", &[("if-none-match", ETAG)], 502),
        // A failed precondition and a wrong range are final: the document is there.
        ("single", &[("if-match", "\"other\"")], 412),
        ("single", &[("range", "bytes=100-")], 416),
        ("old", &[("if-match", "\"other\"")], 412),
    ] {
        let answer = ask(Method::GET, folder, headers).await;
        assert_eq!(answer.status.as_u16(), status, "{folder} {headers:?}");
    }
}
