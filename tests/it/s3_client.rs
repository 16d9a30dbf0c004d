//! `BucketClient` on an S3 that verifies signatures: one object by its key, and what is signed at all.

use std::convert::Infallible;
use std::error::Error;

use axum::body::Body;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use portcullis::health::Health;
use portcullis::path::{AlternatePath, KeyPrefix, ObjectKey};
use portcullis::s3::{Bucket, BucketClient, S3ErrorKind};
use portcullis::upstream::HttpClient;
use portcullis::{CanonicalPathLayer, S3Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

use crate::support::fake_s3::{ETAG, FakeS3, Fault, SECRET, credentials};
use crate::support::send;
use crate::support::tls::localhost;

fn key(path: &str) -> ObjectKey {
    ObjectKey::from_path(path, &KeyPrefix::default()).unwrap()
}

fn confined(s3: &FakeS3) -> BucketClient {
    let bucket = s3.bucket().with_prefix("packages").unwrap();
    BucketClient::new(bucket, credentials(SECRET)).unwrap()
}

#[tokio::test]
async fn get_finds_an_object_by_its_key() {
    let s3 = FakeS3::start().await;
    s3.put("packages/a b.whl", "wheel");
    s3.put("outside", "secret");
    let client = confined(&s3);
    let found = client.get(&key("/packages/a%20b.whl")).await.unwrap();
    let found = found.expect("it is there");
    assert_eq!(found.headers()["etag"], ETAG);
    assert_eq!(found.headers()["x-amz-meta-owner"], "internal");
    assert_eq!(
        found.into_body().collect().await.unwrap().to_bytes(),
        "wheel"
    );
    assert!(client.get(&key("/packages/b")).await.unwrap().is_none());
    assert_eq!(s3.wire().len(), 2);

    let error = client.get(&key("/outside")).await.unwrap_err();
    assert_eq!(error.kind(), S3ErrorKind::Signing);
    let cause = error.source().unwrap().to_string();
    assert_eq!(cause, "the key is not below the prefix of the bucket");
    assert!(s3.wire().is_empty());
    let anywhere = s3.client().get(&key("/outside")).await.unwrap();
    assert!(anywhere.is_some());
}

#[tokio::test]
async fn a_list_tells_whether_the_bucket_is_right() {
    let s3 = FakeS3::start().await;
    assert!(s3.client().may_list().await.unwrap());
    let error = s3.client_with_secret("other").may_list().await.unwrap_err();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    s3.deny_list();
    assert!(!s3.client().may_list().await.unwrap());
}

#[tokio::test]
async fn a_private_authority_is_trusted_if_given() {
    let (acceptor, pem) = localhost();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 4096]).await;
            let answer =
                b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer).await;
        }
    });
    let bucket = Bucket::new("wheels", "us-east-1").unwrap();
    let bucket = bucket.with_endpoint(&format!("https://localhost:{port}"));
    let bucket = bucket.unwrap();
    let (_, stranger) = localhost();
    for (name, pem, kind) in [
        ("its own", pem, S3ErrorKind::Denied),
        ("another", stranger, S3ErrorKind::Unreachable),
    ] {
        let client = HttpClient::with_certificate_authorities(pem.as_bytes()).unwrap();
        let client = BucketClient::with_client(client, bucket.clone(), credentials(SECRET));
        let error = client.get(&key("/a")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
    }
    for pem in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let refused = HttpClient::with_certificate_authorities(pem.as_bytes());
        assert!(refused.is_err(), "{pem}");
    }
}

#[tokio::test]
async fn get_tells_a_missing_object_from_an_error() {
    let denied = || Fault::Error(StatusCode::FORBIDDEN, "AccessDenied");
    let busy = Fault::Error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    let no_bucket = Fault::Error(StatusCode::NOT_FOUND, "NoSuchBucket");
    for (name, times, fault, may_list, expected) in [
        ("denied", 9, denied(), true, Err(S3ErrorKind::Denied)),
        ("denied, and no list either", 9, denied(), false, Ok(false)),
        ("busy once", 1, busy.clone(), true, Ok(true)),
        ("busy for long", 9, busy, true, Err(S3ErrorKind::SlowDown)),
        (
            "no bucket",
            9,
            no_bucket,
            true,
            Err(S3ErrorKind::Unexpected),
        ),
    ] {
        let s3 = FakeS3::start().await;
        s3.put("a", "object");
        s3.fail_times("a", times, fault);
        if !may_list {
            s3.deny_list();
        }
        let found = s3.client().get(&key("/a")).await;
        let found = found.map(|found| found.is_some());
        assert_eq!(found.map_err(|error| error.kind()), expected, "{name}");
    }
}

#[tokio::test]
async fn get_refuses_answers_to_other_questions() {
    for (status, found) in [
        (200, true),
        (206, false),
        (304, false),
        (412, false),
        (416, false),
    ] {
        let fake = service_fn(move |_| async move {
            let response = Response::builder().status(status).header("etag", ETAG);
            Ok::<_, Infallible>(response.body(Body::empty()).unwrap())
        });
        let bucket = Bucket::new("wheels", "eu-west-1").unwrap();
        let client = BucketClient::with_client(fake, bucket, credentials(SECRET));
        match client.get(&key("/a")).await {
            Ok(object) => assert!(found && object.is_some(), "{status}"),
            Err(error) => {
                assert!(!found, "{status}");
                assert_eq!(error.kind(), S3ErrorKind::Unexpected);
                assert_eq!(error.status().unwrap().as_u16(), status);
            }
        }
    }
}

#[tokio::test]
async fn nothing_but_reads_below_the_prefix_is_signed() {
    let s3 = FakeS3::start().await;
    s3.put("packages/a", "object");
    s3.put("packages/404.html", "not found");
    s3.put("outside", "secret");
    s3.deny_list();
    let client = confined(&s3);
    let proxy = S3Proxy::new(client.clone())
        .with_query_parameters(["versionId"])
        .unwrap()
        .with_not_found_document("/404.html")
        .unwrap();
    let proxy = CanonicalPathLayer::new().layer(proxy);
    let health = Health::ready(client.clone(), "/a").unwrap();
    let methods = "GET HEAD OPTIONS POST PUT DELETE PATCH TRACE CONNECT PROPFIND get";
    for method in methods.split(' ') {
        for target in [
            "/",
            "/a",
            "/a?versionId=v1&acl&uploads&list-type=2",
            "/missing",
            "/../outside",
            "/%2e%2e/outside",
            "//outside",
            "/a?uploadId=x&partNumber=1",
        ] {
            for alternate in [None, Some("/a"), Some("/../outside")] {
                let mut request = Request::new(Body::from("body"));
                *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
                *request.uri_mut() = target.parse().unwrap();
                let headers = request.headers_mut();
                headers.insert("x-amz-copy-source", "/wheels/outside".parse().unwrap());
                headers.insert("x-http-method-override", "DELETE".parse().unwrap());
                let alternate = alternate.map(AlternatePath::new);
                alternate.map(|alternate| request.extensions_mut().insert(alternate));
                send(proxy.clone(), request).await;
            }
            let mut request = Request::new(Body::from("body"));
            *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
            send(health.clone(), request).await;
        }
    }
    for path in ["/packages/a", "/packages/b", "/outside", "/packages"] {
        let _ = client.get(&key(path)).await;
    }

    let mut lists = 0;
    let wire = s3.wire();
    for wire in &wire {
        let read = matches!(wire.method, Method::GET | Method::HEAD);
        assert!(read, "{wire:?}");
        for name in [
            "content-length",
            "transfer-encoding",
            "x-amz-copy-source",
            "x-http-method-override",
        ] {
            assert!(!wire.headers.contains_key(name), "{name}: {wire:?}");
        }
        match (wire.uri.path(), wire.uri.query()) {
            ("/wheels", Some("list-type=2&max-keys=1")) => lists += 1,
            (path, None | Some("versionId=v1")) => {
                assert!(path.starts_with("/wheels/packages/"), "{wire:?}");
            }
            _ => panic!("{wire:?}"),
        }
    }
    let count = |method| wire.iter().filter(|wire| wire.method == method).count();
    assert_eq!(lists, 1);
    assert!(count(Method::GET) > 10 && count(Method::HEAD) > 10);
    assert_eq!(s3.object("outside").unwrap(), "secret");
    assert_eq!(s3.object("packages/a").unwrap(), "object");
}
