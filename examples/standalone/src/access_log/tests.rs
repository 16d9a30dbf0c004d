use std::convert::Infallible;
use std::future::{Future, pending};
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use portcullis::CanonicalPathLayer;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::Identity;
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use super::escape::{Field, Quoted};
use super::{AccessLogLayer, Log, report_identity};

/// A log that keeps its lines, without the time, which no test can know.
fn recording() -> (Log, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let log: Log = Arc::new(move |line: String| {
        let is_time = |word: &str| {
            let number = word.strip_suffix("ms");
            number.is_some_and(|number| number.parse::<u128>().is_ok())
        };
        let untimed = line.split(' ').filter(|word| !is_time(word));
        kept.lock()
            .unwrap()
            .push(untimed.collect::<Vec<_>>().join(" "));
    });
    (log, lines)
}

/// The stack of the program around an inner service, in the same order.
fn logged<S, F>(
    log: Log,
    inner: S,
) -> impl Service<Request<()>, Response = Response<impl http_body::Body>, Error = Infallible>
where
    S: FnMut(Request<()>) -> F + Clone,
    F: Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
{
    let users = FixedUsers::new([("ana lee", "s3cret")]).unwrap();
    ServiceBuilder::new()
        .layer(AccessLogLayer::new(log))
        .layer(CanonicalPathLayer::new())
        .layer(BasicAuthLayer::new("test", users).unwrap())
        .layer(MapRequestLayer::new(report_identity::<()>))
        .service(service_fn(inner))
}

/// `ana lee:s3cret`
const LOGIN: &str = "Basic YW5hIGxlZTpzM2NyZXQ=";

#[tokio::test]
async fn a_line_names_what_was_asked_and_what_came_of_it() {
    for (name, method, target, login, expected) in [
        (
            "an object",
            "GET",
            "/a/b?token=s3cret",
            Some(LOGIN),
            r"GET /a/b 200 5B ana\u{20}lee",
        ),
        (
            "its head",
            "HEAD",
            "/a/b",
            Some(LOGIN),
            r"HEAD /a/b 200 0B ana\u{20}lee",
        ),
        (
            "no login",
            "GET",
            "/a",
            None,
            r#"GET /a 401 17B - reason="no credential""#,
        ),
        (
            "a wrong login",
            "GET",
            "/a",
            Some("Basic czNjcmV0OnMzY3JldA=="),
            r#"GET /a 401 17B - reason="unknown user or wrong password""#,
        ),
        (
            "a hostile path",
            "GET",
            "/a/%2e%2e/b",
            Some(LOGIN),
            r#"GET /a/%2e%2e/b 400 44B - reason="the path has a dot segment""#,
        ),
        (
            "a target with a login",
            "GET",
            "http://ana:s3cret@host/a",
            Some(LOGIN),
            r"GET /a 200 5B ana\u{20}lee",
        ),
    ] {
        let (log, lines) = recording();
        let stack = logged(log, |_| async { Ok(Response::new(Full::from("wheel"))) });
        let mut request = Request::builder().method(method).uri(target);
        if let Some(login) = login {
            request = request.header("authorization", login);
        }
        let response = stack.oneshot(request.body(()).unwrap()).await.unwrap();
        assert!(lines.lock().unwrap().is_empty(), "{name}: too early");
        // A server takes nothing from the body of an answer to HEAD.
        if method == "GET" {
            assert!(response.into_body().collect().await.is_ok());
        } else {
            drop(response);
        }
        assert_eq!(*lines.lock().unwrap(), [expected], "{name}");
    }
}

#[tokio::test]
async fn what_did_not_reach_its_end_says_so() {
    let (log, lines) = recording();
    let request = || {
        let request = Request::get("/a").header("authorization", LOGIN);
        request.body(()).unwrap()
    };

    let stack = logged(log.clone(), |_| async {
        Ok(Response::new(Full::from("wheel")))
    });
    drop(stack.oneshot(request()).await.unwrap());
    {
        let waiting = pin!(logged(log, |_| pending()).oneshot(request()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.poll(&mut context).is_pending());
    }
    assert_eq!(
        *lines.lock().unwrap(),
        [
            r"GET /a 200 0B ana\u{20}lee aborted",
            r"GET /a - 0B ana\u{20}lee aborted"
        ]
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_gives_its_reason() {
    let (log, lines) = recording();
    let inner = service_fn(|_: Request<()>| async {
        let broken = Full::<Bytes>::from("ab")
            .map_err(|never| -> io::Error { match never {} })
            .with_trailers(async { Some(Err(io::Error::other("reset\nby S3"))) });
        Ok::<_, Infallible>(Response::new(broken))
    });
    let stack = AccessLogLayer::new(log).layer(inner);
    let response = stack.oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.into_body().collect().await.is_err());
    assert_eq!(
        *lines.lock().unwrap(),
        [r#"GET / 200 2B - aborted reason="reset\nby S3""#]
    );
}

#[tokio::test]
async fn the_identity_is_reported_only_to_a_log() {
    let mut request = Request::new(());
    request.extensions_mut().insert(Identity::new("basic", "x"));
    // Without a log outside there is nobody to tell, and nothing is changed.
    let request = report_identity(request);
    assert_eq!(request.extensions().len(), 1);
}

#[test]
fn nothing_in_a_line_can_end_it_or_pose_as_a_field() {
    for (text, field, quoted) in [
        ("", "-", r#""""#),
        ("/a%20b", "/a%20b", r#""/a%20b""#),
        ("a b", r"a\u{20}b", r#""a b""#),
        (
            "a\nGET / 200",
            r"a\nGET\u{20}/\u{20}200",
            r#""a\nGET / 200""#,
        ),
        (
            r#"a" reason="x"#,
            r#"a\"\u{20}reason=\"x"#,
            r#""a\" reason=\"x""#,
        ),
        (
            "\u{1b}[31m\u{7f}",
            r"\u{1b}[31m\u{7f}",
            r#""\u{1b}[31m\u{7f}""#,
        ),
        (
            "\u{2028}\u{202e}\u{85}",
            r"\u{2028}\u{202e}\u{85}",
            r#""\u{2028}\u{202e}\u{85}""#,
        ),
        (r"a\nb", r"a\\nb", r#""a\\nb""#),
        ("josé's", "josé's", r#""josé's""#),
    ] {
        assert_eq!(Field(text).to_string(), field);
        assert_eq!(Quoted(text).to_string(), quoted);
    }
}
