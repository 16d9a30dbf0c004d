//! Health checks, as a supervisor sends them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use futures_util::future::join_all;
use http::{Method, Response, StatusCode};
use portcullis::health::Health;
use portcullis::s3::{Bucket, BucketClient, S3Error};
use tokio_test::assert_pending;
use tower::{ServiceExt, service_fn};

use crate::support::fake_s3::{FakeS3, Fault, SECRET, credentials};
use crate::support::{get, head_of, send};

#[tokio::test]
async fn ready_means_the_object_can_be_read() {
    let s3 = FakeS3::start().await;
    s3.put("health", "ok");
    s3.fail(
        "denied",
        Fault::Error(StatusCode::FORBIDDEN, "AccessDenied"),
    );
    for (path, status) in [
        ("/health", 200),
        ("/h%65alth", 200),
        ("/missing", 503),
        ("/denied", 503),
    ] {
        let health = Health::ready(s3.client(), path).unwrap();
        for request in [get("/anything", &[]), head_of("/")] {
            let answer = send(health.clone(), request).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.extensions.get::<S3Error>().is_some(), status == 503);
            assert!(!answer.body.contains("wheels"), "{}", answer.body);
        }
    }
    for path in ["health", "/", "/a/../health"] {
        let error = Health::ready(s3.client(), path).unwrap_err();
        assert_eq!(error.setting(), "health object", "{path}");
    }
}

#[tokio::test]
async fn a_live_gateway_never_asks_s3() {
    for (method, status) in [(Method::GET, 200), (Method::HEAD, 200), (Method::POST, 405)] {
        let mut request = get("/", &[]);
        *request.method_mut() = method;
        let answer = send(Health::live(), request).await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(
            answer.header("allow"),
            (status == 405).then_some("GET, HEAD")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_costs_no_request() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let slow = service_fn(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let answer = Response::builder().header("etag", "\"v1\"");
            Ok::<_, Infallible>(answer.body(Body::empty()).unwrap())
        }
    });
    let bucket = Bucket::new("wheels", "eu-west-1").unwrap();
    let client = BucketClient::with_client(slow, bucket, credentials(SECRET));
    let health = Health::ready(client, "/health").unwrap();
    for _ in 0..10 {
        let mut hangs_up = tokio_test::task::spawn(health.clone().oneshot(get("/", &[])));
        assert_pending!(hangs_up.poll());
        tokio::time::advance(Duration::from_millis(90)).await;
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // A client that stays continues the question, and so does one that comes before the answer.
    let mut stays = tokio_test::task::spawn(send(health.clone(), get("/", &[])));
    assert_pending!(stays.poll());
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_eq!(send(health.clone(), get("/", &[])).await.status, 200);
    assert_eq!(stays.await.status, 200);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    // A later client asks anew.
    assert_eq!(send(health.clone(), get("/", &[])).await.status, 200);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn s3_is_asked_once_a_second() {
    let s3 = FakeS3::start().await;
    s3.put("health", "ok");
    let health = Health::ready(s3.client(), "/health").unwrap();
    // Time is paused while no socket is needed, and only the test advances it.
    assert_eq!(send(health.clone(), get("/", &[])).await.status, 200);
    assert_eq!(s3.wire().len(), 1);
    tokio::time::pause();
    s3.fail(
        "health",
        Fault::Error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
    );
    let answers = join_all((0..50).map(|_| send(health.clone(), get("/", &[])))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(s3.wire().is_empty());
    tokio::time::advance(Duration::from_millis(1001)).await;
    tokio::time::resume();
    assert_eq!(send(health, get("/", &[])).await.status, 503);
    assert_eq!(s3.wire().len(), 2, "the HEAD, and the GET for its cause");
}
