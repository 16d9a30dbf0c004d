//! `BucketWriter` on an S3 that verifies signatures, conditions and parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use portcullis::path::{KeyPrefix, ObjectKey};
use portcullis::s3::{
    BucketWriter, Content, ETag, PutOutcome, S3ErrorKind, StreamError, WriteOptions,
};
use portcullis::upstream::{BoxError, HttpBody, HttpClient, RequestBody};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt, service_fn};

use crate::support::fake_s3::{FakeS3, Fault, SECRET, credentials};

const MIB: usize = 1024 * 1024;

fn key(name: &str) -> ObjectKey {
    ObjectKey::new(name, &KeyPrefix::default()).unwrap()
}

fn content(text: &'static str) -> Content {
    Bytes::from_static(text.as_bytes()).into()
}

fn absent() -> WriteOptions {
    WriteOptions::new().if_absent()
}

fn etag(outcome: PutOutcome) -> ETag {
    match outcome {
        PutOutcome::Stored(etag) => etag,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_condition_decides_what_is_stored() {
    let s3 = FakeS3::start().await;
    let writer = s3.writer();
    let first = etag(
        writer
            .put(&key("a"), content("1"), &absent())
            .await
            .unwrap(),
    );
    let other = ETag::parse("other").unwrap();
    for (name, key_name, options, stored) in [
        ("absent, and is there", "a", absent(), false),
        ("absent", "b", absent(), true),
        (
            "another version",
            "a",
            WriteOptions::new().if_version(other.clone()),
            false,
        ),
        (
            "a version of nothing",
            "c",
            WriteOptions::new().if_version(other),
            false,
        ),
        (
            "this version",
            "a",
            WriteOptions::new().if_version(first.clone()),
            true,
        ),
        (
            "this version, which is replaced",
            "a",
            WriteOptions::new().if_version(first),
            false,
        ),
        ("whatever is there", "a", WriteOptions::new(), true),
    ] {
        let before = s3.object(key_name);
        let bytes = Content::from(Bytes::from(name));
        let outcome = writer.put(&key(key_name), bytes, &options).await.unwrap();
        let is_stored = matches!(outcome, PutOutcome::Stored(_));
        assert_eq!(is_stored, stored, "{name}");
        let expected = if stored { Some(name.into()) } else { before };
        assert_eq!(s3.object(key_name), expected, "{name}");
    }
}

#[tokio::test]
async fn what_describes_an_object_is_stored() {
    let s3 = FakeS3::start().await;
    let options = WriteOptions::new()
        .with_content_type(HeaderValue::from_static("text/html"))
        .with_cache_control(HeaderValue::from_static("no-cache"))
        .with_metadata("sha256", "abc")
        .unwrap();
    let writer = s3.writer();
    let large = Full::from(vec![7; 9 * MIB]);
    writer
        .put(&key("a b/é"), content("x"), &options)
        .await
        .unwrap();
    writer
        .put_stream(&key("large"), large, &options)
        .await
        .unwrap();
    for name in ["a b/é", "large"] {
        assert_eq!(s3.header(name, "content-type").unwrap(), "text/html");
        assert_eq!(s3.header(name, "cache-control").unwrap(), "no-cache");
        assert_eq!(s3.header(name, "x-amz-meta-sha256").unwrap(), "abc");
        // Only a write needs a number whose second try may fail because of the first.
        let has_number = s3.header(name, "x-amz-meta-portcullis-write").is_some();
        assert_eq!(has_number, name == "large");
    }
    for (name, value, is_taken) in [
        ("sha256", "a\nb", false),
        ("a b", "x", false),
        ("sha256", "é", false),
        ("sha256", &*"x".repeat(1519), true),
        ("sha256", &*"x".repeat(1520), false),
    ] {
        let made = WriteOptions::new().with_metadata(name, value);
        assert_eq!(made.is_ok(), is_taken, "{name}: {value}");
    }
}

#[tokio::test]
async fn changed_bytes_and_foreign_keys_are_refused() {
    let s3 = FakeS3::start().await;
    let sent = || RequestBody::from(Bytes::from_static(b"changed"));
    let changed = Content::reopened([7; 32], sent);
    let error = s3.writer().put(&key("a"), changed, &absent()).await;
    assert_eq!(error.unwrap_err().kind(), S3ErrorKind::Unexpected);
    assert_eq!(s3.object("a"), None);

    let confined = s3.bucket().with_prefix("packages").unwrap();
    let confined = BucketWriter::new(confined, credentials(SECRET)).unwrap();
    s3.wire();
    let outside = confined.put(&key("a"), content("x"), &absent()).await;
    assert_eq!(outside.unwrap_err().kind(), S3ErrorKind::Signing);
    assert!(confined.delete(&key("a")).await.is_err());
    assert!(s3.wire().is_empty());
    let inside = confined
        .put(&key("packages/a"), content("x"), &absent())
        .await;
    assert!(inside.is_ok());
}

#[tokio::test]
async fn deleting_succeeds_whether_it_is_there() {
    let s3 = FakeS3::start().await;
    s3.put("a", "x");
    s3.put("b", "x");
    for _ in 0..2 {
        s3.writer().delete(&key("a")).await.unwrap();
        assert_eq!((s3.object("a"), s3.object("b")), (None, Some("x".into())));
    }
}

/// What comes in place of an answer.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Reset,
    Failure,
}

/// A client that carries out each request, and loses the answers to those that `picks` names.
fn lossy<L>(
    s3: &FakeS3,
    loss: Loss,
    picks: L,
) -> BucketWriter<
    impl Service<Request<RequestBody>, Response = Response<HttpBody>, Error = BoxError, Future: Send>
    + Clone
    + Send
    + Sync
    + use<L>,
>
where
    L: Fn(&Request<RequestBody>) -> bool + Clone + Send + Sync + 'static,
{
    let client = HttpClient::without_tls().unwrap();
    let lossy = service_fn(move |request: Request<RequestBody>| {
        let is_lost = picks(&request);
        let sent = client.clone().oneshot(request);
        async move {
            let answer = sent.await?;
            match loss {
                _ if !is_lost => Ok::<_, BoxError>(answer),
                Loss::Reset => Err("the connection was reset".into()),
                Loss::Failure => {
                    let mut failure = Response::new(HttpBody::default());
                    *failure.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                    Ok(failure)
                }
            }
        }
    });
    BucketWriter::with_client(lossy, s3.bucket(), credentials(SECRET))
}

/// Picks the first request whose method and query are these.
fn first_of(
    method: &'static str,
    query: &'static str,
) -> impl Fn(&Request<RequestBody>) -> bool + Clone {
    let seen = Arc::new(AtomicUsize::new(0));
    move |request| {
        let asked = request.uri().query().unwrap_or_default();
        request.method().as_str() == method
            && asked.starts_with(query)
            && seen.fetch_add(1, Ordering::Relaxed) == 0
    }
}

#[tokio::test]
async fn a_lost_answer_is_no_other_writer() {
    let any = WriteOptions::new();
    let calls = [("PUT", "", 3), ("POST", "uploadId", 9 * MIB)];
    for (name, options, there, stored) in [
        ("stored by the first try", absent(), None, true),
        ("stored by somebody else", absent(), Some("theirs"), false),
        ("in place of another", any, Some("theirs"), true),
    ] {
        let s3 = FakeS3::start().await;
        for (loss, (method, query, bytes)) in [Loss::Reset, Loss::Failure]
            .into_iter()
            .flat_map(|loss| calls.map(|call| (loss, call)))
        {
            let name = format!("{name}, {method}, {loss:?}");
            if let Some(there) = there {
                s3.put(&name, there);
            }
            let writer = lossy(&s3, loss, first_of(method, query));
            let body = Full::from(vec![7; bytes]);
            let outcome = writer.put_stream(&key(&name), body, &options).await;
            let is_stored = matches!(outcome, Ok(PutOutcome::Stored(_)));
            assert_eq!(is_stored, stored, "{name}: {outcome:?}");
            let expected = if stored { bytes } else { "theirs".len() };
            assert_eq!(s3.object(&name).unwrap().len(), expected, "{name}");
            assert_eq!(s3.open_uploads(), 0, "{name}");
        }
    }
}

/// A body of these frames, without a length.
fn chunked(
    frames: Vec<Result<Bytes, &'static str>>,
) -> impl http_body::Body<Data = Bytes, Error = &'static str> + Send {
    StreamBody::new(stream::iter(frames).map(|it| it.map(Frame::data)))
}

#[tokio::test]
async fn a_stream_of_any_length_is_stored() {
    let s3 = FakeS3::start().await;
    let writer = s3.writer();
    for (bytes, requests) in [
        (0, 1),
        (1, 1),
        (8 * MIB - 1, 1),
        (8 * MIB, 1),
        (8 * MIB + 1, 4),
        (16 * MIB, 4),
        (16 * MIB + 1, 5),
        (50 * MIB, 9),
    ] {
        let expected: Bytes = (0..bytes).map(|i| (i % 251).to_le_bytes()[0]).collect();
        let pieces = expected.chunks(1_000_003);
        let pieces = pieces.map(|piece| Ok(Bytes::copy_from_slice(piece)));
        let options = absent();
        let name = format!("{bytes}");
        let (key, body) = (key(&name), chunked(pieces.collect()));
        let outcome = writer.put_stream(&key, body, &options);
        etag(outcome.await.unwrap());
        assert_eq!(s3.object(&name), Some(expected), "{bytes}");
        assert_eq!(s3.wire().len(), requests, "{bytes}");
        assert_eq!(s3.open_uploads(), 0, "{bytes}");
        let again = writer.put_stream(&key, Full::from(vec![1; bytes]), &options);
        assert_eq!(
            again.await.unwrap(),
            PutOutcome::PreconditionFailed,
            "{bytes}"
        );
        assert_eq!(s3.object(&name).unwrap().len(), bytes);
        assert_eq!(s3.open_uploads(), 0, "{bytes}");
        s3.wire();
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_leaves_nothing() {
    let s3 = FakeS3::start().await;
    let writer = s3.writer();
    for mebibytes in [0, 1, 8, 9, 30] {
        let mut frames: Vec<_> = (0..mebibytes).map(|_| Ok(vec![7; MIB].into())).collect();
        frames.push(Err("the client has left"));
        let (key, options) = (key("a"), WriteOptions::new());
        let outcome = writer.put_stream(&key, chunked(frames), &options);
        let error = outcome.await.unwrap_err();
        let StreamError::Body(cause) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(cause.to_string(), "the client has left");
        assert_eq!(
            (s3.object("a"), s3.open_uploads()),
            (None, 0),
            "{mebibytes}"
        );
    }
}

#[tokio::test]
async fn an_abandoned_upload_is_aborted() {
    let s3 = FakeS3::start().await;
    let frames = stream::iter((0..9).map(|_| Bytes::from(vec![7; MIB])));
    let frames = frames.chain(stream::pending());
    let body = StreamBody::new(frames.map(|it| Ok::<_, BoxError>(Frame::data(it))));
    let (writer, options, key) = (s3.writer(), absent(), key("a"));
    let mut upload = Box::pin(writer.put_stream(&key, body, &options));
    while s3.open_uploads() == 0 {
        assert!((&mut upload).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    // The answer, with the number of the upload, may still be on its way.
    drop(upload);
    // What aborts it is a task of its own.
    while s3.open_uploads() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(s3.object("a"), None);
}

#[tokio::test]
async fn each_failing_call_leaves_no_part() {
    let busy = Fault::Error(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    let denied = Fault::Error(StatusCode::FORBIDDEN, "AccessDenied");
    // S3 sends the status before it makes the object.
    let late = Fault::Error(StatusCode::OK, "InternalError");
    let conflict = Fault::Error(StatusCode::CONFLICT, "ConditionalRequestConflict");
    let portal = Fault::Html(StatusCode::OK);
    for stage in ["BEGIN", "PART", "COMPLETE", "PUT"] {
        for (name, times, fault, expected) in [
            ("busy twice", 2, &busy, None),
            ("in each other's way", 2, &conflict, None),
            ("busy for long", 9, &busy, Some(S3ErrorKind::SlowDown)),
            ("denied", 1, &denied, Some(S3ErrorKind::Denied)),
            (
                "a failure within 200",
                1,
                &late,
                Some(S3ErrorKind::Unexpected),
            ),
            (
                "a captive portal",
                1,
                &portal,
                Some(S3ErrorKind::Unexpected),
            ),
        ] {
            let s3 = FakeS3::start().await;
            s3.fail_times(&format!("{stage} a"), times, fault.clone());
            let bytes = if stage == "PUT" { 5 } else { 17 * MIB };
            let body = Full::from(vec![7; bytes]);
            let outcome = s3.writer().put_stream(&key("a"), body, &absent()).await;
            let kind = outcome.as_ref().err().map(|error| match error {
                StreamError::S3(error) => error.kind(),
                other => panic!("{other}"),
            });
            let name = format!("{stage}: {name}: {outcome:?}");
            assert_eq!(kind, expected, "{name}");
            assert_eq!(s3.object("a").is_some(), expected.is_none(), "{name}");
            assert_eq!(s3.open_uploads(), 0, "{name}");
        }
    }
}

#[tokio::test]
async fn four_parts_are_sent_at_once() {
    let s3 = FakeS3::start().await;
    let client = HttpClient::without_tls().unwrap();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, peak) = (Arc::clone(&now), Arc::clone(&most));
    let counting = service_fn(move |request: Request<RequestBody>| {
        let sent = client.clone().oneshot(request);
        let (count, peak) = (Arc::clone(&count), Arc::clone(&peak));
        async move {
            peak.fetch_max(count.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let answer = sent.await;
            count.fetch_sub(1, Ordering::Relaxed);
            answer
        }
    });
    let writer = BucketWriter::with_client(counting, s3.bucket(), credentials(SECRET));
    let body = Full::from(vec![7; 100 * MIB]);
    etag(writer.put_stream(&key("a"), body, &absent()).await.unwrap());
    assert_eq!(most.load(Ordering::Relaxed), 4);
}

/// A store that takes a piece of the body every `pause`.
async fn put_to_slow_store(pause: Duration) -> Result<PutOutcome, S3ErrorKind> {
    let slow = service_fn(move |request: Request<RequestBody>| async move {
        let mut body = request.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
            sleep(pause).await;
        }
        let answer = Response::builder()
            .header("etag", "v1")
            .header("x-amz-request-id", "R1");
        Ok::<_, BoxError>(answer.body(Full::<Bytes>::default()).unwrap())
    });
    let bucket = portcullis::s3::Bucket::new("wheels", "eu-west-1").unwrap();
    let writer = BucketWriter::with_client(slow, bucket, credentials(SECRET));
    let writer =
        writer.map_reader(|reader| reader.with_first_byte_timeout(Duration::from_secs(10)));
    let bytes = Content::from(Bytes::from(vec![7; MIB]));
    let outcome = writer.put(&key("a"), bytes, &WriteOptions::new()).await;
    outcome.map_err(|error| error.kind())
}

#[tokio::test(start_paused = true)]
async fn only_a_store_that_takes_nothing_is_late() {
    let begun = Instant::now();
    let stored = put_to_slow_store(Duration::from_secs(9)).await;
    assert!(matches!(stored, Ok(PutOutcome::Stored(_))), "{stored:?}");
    assert_eq!(begun.elapsed().as_secs(), 16 * 9);
    let begun = Instant::now();
    let stored = put_to_slow_store(Duration::from_secs(11)).await;
    assert_eq!(stored, Err(S3ErrorKind::TimedOut));
    assert_eq!(begun.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn a_probe_finds_a_store_that_ignores_conditions() {
    let s3 = FakeS3::start().await;
    s3.writer().probe().await.unwrap();
    assert!(s3.wire().len() >= 5);
    s3.ignore_conditions();
    let error = s3.writer().probe().await.unwrap_err();
    assert_eq!(error.kind(), S3ErrorKind::Unsupported);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the store ignores If-None-Match when it writes");
    // Nothing stays.
    let all = s3
        .client()
        .list(&portcullis::s3::ListRequest::new(""))
        .await;
    assert_eq!(all.unwrap().objects(), []);
}
