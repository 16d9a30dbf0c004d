use crate::support::{Bucket, Event, Function, basic};

const LOGIN: (&str, &str) = ("BASIC_AUTH", "ci:pa55word");

fn get(path: &str) -> Event {
    Event::get(path).with("authorization", &basic(LOGIN.1))
}

#[tokio::test]
async fn a_bucket_that_s3pypi_filled_is_served() {
    let bucket = Bucket::start(&[
        ("simple/pkg/index.html", "the page"),
        ("simple/folder", "the page of a folder"),
        ("simple/pkg/a-1.0.whl", "the wheel"),
    ])
    .await;
    let mut function = Function::start(&bucket.environment(&[LOGIN])).await;
    for (name, event, status, body) in [
        ("a page", get("/simple/pkg/"), 200, "the page"),
        ("a wheel", get("/simple/pkg/a-1.0.whl"), 200, "the wheel"),
        (
            "a part of it",
            get("/simple/pkg/a-1.0.whl").with("range", "bytes=4-"),
            206,
            "wheel",
        ),
        ("nothing", get("/simple/pkg/b"), 404, "404 Not Found\n"),
    ] {
        let answer = function.answer(event.of_function_url()).await;
        assert_eq!(answer.status(), Some(status), "{name}");
        assert_eq!(answer.text(), body, "{name}");
    }
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let bucket = Bucket::start(&[("a-1.0.whl", "the wheel")]).await;
    let mut function = Function::start(&bucket.environment(&[LOGIN])).await;
    let event = Event::head("/a-1.0.whl").with("authorization", &basic(LOGIN.1));
    let head = function.answer(event.of_function_url()).await;
    let whole = function.answer(get("/a-1.0.whl").of_function_url()).await;
    assert_eq!(whole.text(), "the wheel");
    assert_eq!(head.text(), "");
    for name in ["content-length", "content-type", "cache-control", "etag"] {
        let value = head.header(name);
        assert!(value.is_some(), "{name}");
        assert_eq!(value, whole.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), Some("9"));
    assert_eq!(head.header("vary"), Some("Authorization, Cookie"));
}

#[tokio::test]
async fn the_folder_of_the_settings_is_the_root() {
    let bucket = Bucket::start(&[("a/b/x", "inside"), ("a/y", "outside")]).await;
    let folder = [LOGIN, ("AWS_S3_BUCKET", "wheels/a"), ("KEY_PREFIX", "b")];
    let mut function = Function::start(&bucket.environment(&folder)).await;
    for (path, status) in [("/x", 200), ("/y", 404), ("/a/y", 404), ("/../y", 400)] {
        let answer = function.answer(get(path).of_function_url()).await;
        assert_eq!(answer.status(), Some(status), "{path}");
    }
}

#[tokio::test]
async fn reasons_of_server_errors_are_only_logged() {
    let bucket = Bucket::start(&[("a", "object")]).await;
    let wrong = [LOGIN, ("AWS_SECRET_ACCESS_KEY", "another")];
    let mut function = Function::start(&bucket.environment(&wrong)).await;
    let answer = function.answer(get("/a").of_function_url()).await;
    assert_eq!(answer.status(), Some(502));
    assert_eq!(answer.text(), "502 Bad Gateway\n");
    let log = function.kill().await;
    let expected = "portcullis: 502 Bad Gateway: S3 denied the request, status 403";
    assert!(log.starts_with(expected), "{log:?}");
    assert_eq!(log.lines().count(), 1, "{log:?}");
}
