use std::convert::Infallible;
use std::future::{Future, pending};
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};

use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::client_address::ClientAddress;
use portcullis::gate::Identity;
use portcullis::{CanonicalPathLayer, Clock};
use serde_json::{Map, Value, json};
use tower::util::MapRequestLayer;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

use super::{AccessLogLayer, LogFormat, LogRequests, RequestIds, report_identity};
use crate::escape::{Field, Quoted, printable_json};
use crate::line_queue::LineKind;

/// 2026-01-02T03:04:05.678Z
#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(1_767_323_045_678)
    }
}

/// How each line of text begins, before the number of the request.
const BEGIN: &str = "2026-01-02T03:04:05.678Z 10.0.0.7:51234 0102030405060708-";

/// A log that keeps its lines without the durations, which no test can predict.
fn recording(format: LogFormat) -> (AccessLogLayer, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    let keep = Arc::new(move |_, line: String| {
        let is_time = |word: &str| {
            let number = word.strip_suffix("ms");
            number.is_some_and(|number| number.parse::<u128>().is_ok())
        };
        let untimed = line.split(' ').filter(|word| !is_time(word));
        kept.lock()
            .unwrap()
            .push(untimed.collect::<Vec<_>>().join(" "));
    });
    let ids = RequestIds::new([1, 2, 3, 4, 5, 6, 7, 8]);
    (
        AccessLogLayer::new(format, LogRequests::All, StoppedClock, ids, keep),
        lines,
    )
}

/// A request from a client with an address.
fn request(method: &str, target: &str, login: Option<&str>) -> Request<()> {
    let mut request = Request::builder().method(method).uri(target);
    if let Some(login) = login {
        request = request.header("authorization", login);
    }
    let address = ClientAddress::new("10.0.0.7:51234".parse().unwrap());
    request.extension(address).body(()).unwrap()
}

/// The stack of the program around an inner service, in the same order.
fn logged<S, F>(
    log: AccessLogLayer,
    inner: S,
) -> impl Service<Request<()>, Response = Response<impl http_body::Body>, Error = Infallible>
where
    S: FnMut(Request<()>) -> F + Clone,
    F: Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
{
    let users = FixedUsers::new([("ana lee", "s3cret")]).unwrap();
    ServiceBuilder::new()
        .layer(log)
        .layer(CanonicalPathLayer::new())
        .layer(BasicAuthLayer::new("test", users).unwrap())
        .layer(MapRequestLayer::new(report_identity::<()>))
        .service(service_fn(inner))
}

/// `ana lee:s3cret`
const LOGIN: &str = "Basic YW5hIGxlZTpzM2NyZXQ=";

#[tokio::test]
async fn a_line_names_the_request_and_its_outcome() {
    for (name, method, target, login, expected) in [
        (
            "an object",
            "GET",
            "/a/b?token=s3cret",
            Some(LOGIN),
            r"GET /a/b 200 5B - ana\u{20}lee",
        ),
        (
            "its head",
            "HEAD",
            "/a/b",
            Some(LOGIN),
            r"HEAD /a/b 200 0B - ana\u{20}lee",
        ),
        (
            "no login",
            "GET",
            "/a",
            None,
            r#"GET /a 401 17B - - reason="no credential""#,
        ),
        (
            "a wrong login",
            "GET",
            "/a",
            Some("Basic czNjcmV0OnMzY3JldA=="),
            r#"GET /a 401 17B - - reason="unknown user or wrong password""#,
        ),
        (
            "a hostile path",
            "GET",
            "/a/%2e%2e/b",
            Some(LOGIN),
            r#"GET /a/%2e%2e/b 400 44B - - reason="the path has a dot segment""#,
        ),
        (
            "a target with a login",
            "GET",
            "http://ana:s3cret@host/a",
            Some(LOGIN),
            r"GET /a 200 5B - ana\u{20}lee",
        ),
    ] {
        let (log, lines) = recording(LogFormat::Text);
        let stack = logged(log, |_| async { Ok(Response::new(Full::from("wheel"))) });
        let response = stack.oneshot(request(method, target, login)).await.unwrap();
        assert_eq!(response.headers()["x-request-id"], "0102030405060708-1");
        assert!(lines.lock().unwrap().is_empty(), "{name}: too early");
        // A server reads nothing of the body of an answer to HEAD.
        if method == "GET" {
            assert!(response.into_body().collect().await.is_ok());
        } else {
            drop(response);
        }
        assert_eq!(
            *lines.lock().unwrap(),
            [format!("{BEGIN}1 {expected}")],
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_unfinished_response_is_logged_as_aborted() {
    let (log, lines) = recording(LogFormat::Text);
    let request = || request("GET", "/a", Some(LOGIN));

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
            format!(r"{BEGIN}1 GET /a 200 0B - ana\u{{20}}lee aborted"),
            format!(r"{BEGIN}2 GET /a - 0B - ana\u{{20}}lee aborted")
        ]
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_logs_its_reason() {
    let (log, lines) = recording(LogFormat::Text);
    let inner = service_fn(|_: Request<()>| async {
        let broken = Full::<Bytes>::from("ab")
            .map_err(|never| -> io::Error { match never {} })
            .with_trailers(async { Some(Err(io::Error::other("reset\nby S3"))) });
        Ok::<_, Infallible>(Response::new(broken))
    });
    let stack = log.layer(inner);
    let response = stack.oneshot(request("GET", "/", None)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.into_body().collect().await.is_err());
    assert_eq!(
        *lines.lock().unwrap(),
        [format!(
            r#"{BEGIN}1 GET / 200 2B - - aborted reason="reset\nby S3""#
        )]
    );
}

#[tokio::test]
async fn json_has_the_same_fields() {
    let (log, lines) = recording(LogFormat::Json);
    let broken = |_| async { Ok(Response::new(Full::from("wheel"))) };
    let mut asked = request("GET", "/a%20b?token=s3cret", Some(LOGIN));
    let id = HeaderValue::from_static("of-the-client");
    asked.headers_mut().insert("x-request-id", id);
    let response = logged(log.clone(), broken).oneshot(asked).await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "of-the-client");
    assert!(response.into_body().collect().await.is_ok());
    let refused = logged(log, broken).oneshot(request("HEAD", "/", None));
    drop(refused.await.unwrap());

    let lines = lines.lock().unwrap();
    for (line, expected) in lines.iter().zip([
        json!({
            "time": "2026-01-02T03:04:05.678Z", "client": "10.0.0.7:51234",
            "request_id": "of-the-client", "method": "GET", "path": "/a%20b", "status": 200,
            "bytes": 5, "upstream_ms": null, "identity": "ana lee", "mount": null, "serves": null, "aborted": false, "reason": null,
        }),
        json!({
            "time": "2026-01-02T03:04:05.678Z", "client": "10.0.0.7:51234",
            "request_id": "0102030405060708-1", "method": "HEAD", "path": "/", "status": 401,
            "bytes": 0, "upstream_ms": null, "identity": null, "mount": null, "serves": null, "aborted": false,
            "reason": "no credential",
        }),
    ]) {
        let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
        assert!(object.remove("duration_ms").unwrap().is_u64(), "{line}");
        assert_eq!(Value::Object(object), expected);
    }
    assert_eq!(lines.len(), 2);
}

#[test]
fn json_escapes_unprintable_characters() {
    for text in [
        "plain",
        "a\nb\0\u{1b}[31m",
        "\u{7f}\u{85}",
        "\u{2028}\u{202e}",
        "josé's \"x\" \\ 𝄞\u{e0001}",
    ] {
        let json = printable_json(&serde_json::to_string(text).unwrap());
        assert!(!json.chars().any(char::is_control), "{json}");
        assert!(
            !json.contains(['\u{2028}', '\u{202e}', '\u{e0001}']),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}

#[tokio::test]
async fn the_identity_is_reported_only_to_a_log() {
    let mut request = Request::new(());
    request.extensions_mut().insert(Identity::new("basic", "x"));
    // Without a log outside, nothing is changed.
    let request = report_identity(request);
    assert_eq!(request.extensions().len(), 1);
}

#[test]
fn values_cannot_end_lines_or_forge_fields() {
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

/// What a stranger, or whoever issues its tokens, can make long.
#[tokio::test]
async fn long_values_are_cut_with_their_lengths() {
    for (name, method, target, expected) in [
        (
            "path",
            "GET",
            format!("/{}", "x".repeat(16_383)),
            format!("GET /{}…(16384B) 401", "x".repeat(2047)),
        ),
        (
            "path of two kilobytes",
            "GET",
            format!("/{}", "x".repeat(2047)),
            format!("GET /{} 401", "x".repeat(2047)),
        ),
        (
            "method",
            &*"M".repeat(9000),
            "/".to_owned(),
            format!("{}…(9000B) / 401", "M".repeat(32)),
        ),
        (
            "path with a token across the end",
            "GET",
            format!("/{}/t/{}", "x".repeat(2040), "s3cret".repeat(9)),
            format!("GET /{}/t/<TOKEN> 401", "x".repeat(2040)),
        ),
    ] {
        let (log, lines) = recording(LogFormat::Text);
        let stack = logged(log, |_| async { Ok(Response::new(Full::from("wheel"))) });
        drop(stack.oneshot(request(method, &target, None)).await.unwrap());
        let line = lines.lock().unwrap().concat();
        assert!(line.contains(&format!(" {expected} ")), "{name}: {line}");
    }
    let (log, lines) = recording(LogFormat::Text);
    let inner = |request: Request<()>| async move {
        let mut request = request;
        let subject = "é".repeat(1000);
        request
            .extensions_mut()
            .insert(Identity::new("jwt", subject));
        let _ = report_identity(request);
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("wheel")))
    };
    let response = log
        .layer(service_fn(inner))
        .oneshot(request("GET", "/", None));
    drop(response.await.unwrap());
    let line = lines.lock().unwrap().concat();
    let expected = format!(" {}…(2000B)", "é".repeat(128));
    assert!(line.contains(&expected), "{line}");
}

/// A flood of requests without a credential must not push out lines about refused ones.
#[tokio::test]
async fn refused_credentials_are_lines_of_their_own_kind() {
    for (name, target, login, kind) in [
        ("admitted", "/a", Some(LOGIN), LineKind::Request),
        ("no credential", "/a", None, LineKind::Request),
        ("a hostile path", "/../a", None, LineKind::Request),
        (
            "a wrong password",
            "/a",
            Some("Basic czNjcmV0OnMzY3JldA=="),
            LineKind::Refusal,
        ),
    ] {
        let kinds = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&kinds);
        let keep = Arc::new(move |kind, _| kept.lock().unwrap().push(kind));
        let ids = RequestIds::new([0; 8]);
        let log = AccessLogLayer::new(LogFormat::Text, LogRequests::All, StoppedClock, ids, keep);
        let stack = logged(log, |_| async { Ok(Response::new(Full::from("wheel"))) });
        drop(stack.oneshot(request("GET", target, login)).await.unwrap());
        assert_eq!(*kinds.lock().unwrap(), [kind], "{name}");
    }
}
