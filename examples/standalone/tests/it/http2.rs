use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustix::process::Signal;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::{DEADLINE, Gateway, OBJECT, Protocol, Store, ask, read};

fn request(target: &str) -> Request<Empty<Bytes>> {
    Request::get(target).body(Empty::new()).unwrap()
}

/// A connection without TLS, by prior knowledge, and the task that drives it.
async fn connect(
    address: &str,
) -> (
    SendRequest<Empty<Bytes>>,
    JoinHandle<Result<(), hyper::Error>>,
) {
    let stream = TcpStream::connect(address).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    (sender, tokio::spawn(connection))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn http2_without_tls_has_the_same_head_limit() {
    let store = Store::start(OBJECT);
    let limits = "[limits]\nheader_bytes = 8192\n";
    let gateway = Gateway::start(&format!("{limits}{}", Gateway::open_mount(&store.url)));
    for (bytes, expected) in [
        (7000, StatusCode::OK),
        (9000, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
    ] {
        let stream = TcpStream::connect(&gateway.address).await.unwrap();
        let mut request = request(&format!("http://{}/x", gateway.address));
        let cookie = "c".repeat(bytes).parse().unwrap();
        request.headers_mut().insert("cookie", cookie);
        let (status, _) = ask(stream, Protocol::Http2, request).await;
        assert_eq!(status, expected, "{bytes}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_idle_http2_connection_is_answered_then_closed() {
    let store = Store::start(OBJECT);
    let times = "[shutdown]\ngrace_seconds = 1\n";
    let text = format!("{times}{}", Gateway::open_mount(&store.url));
    let mut gateway = Gateway::start(&text);
    let url = format!("http://{}/x", gateway.address);
    let (mut sender, connection) = connect(&gateway.address).await;
    let before = sender.send_request(request(&url)).await.unwrap();
    assert_eq!(read(before).await.0, StatusCode::OK);

    gateway.program.signal(Signal::TERM);
    gateway
        .program
        .stderr_line(|line| line.contains("stopping"));
    let after = sender.send_request(request(&url)).await.unwrap();
    assert!(after.headers().get("connection").is_none());
    assert_eq!(read(after).await.0, StatusCode::OK);
    // It ends without an error, since the other side has sent GOAWAY.
    connection.await.unwrap().unwrap();
    assert_eq!(gateway.program.output().code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_idle_connection_of_http2_is_closed() {
    let store = Store::start(OBJECT);
    let limits = "[limits]\nidle_seconds = 1\n";
    let gateway = Gateway::start(&format!("{limits}{}", Gateway::open_mount(&store.url)));
    let (mut sender, connection) = connect(&gateway.address).await;
    let url = format!("http://{}/x", gateway.address);
    let answer = sender.send_request(request(&url)).await.unwrap();
    assert_eq!(read(answer).await.0, StatusCode::OK);
    // With GOAWAY or without, it ends while the client would continue.
    let _ = timeout(DEADLINE, connection).await.unwrap().unwrap();
    assert!(sender.send_request(request(&url)).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_answer_to_head_has_no_body() {
    let store = Store::start(OBJECT);
    let health = "[health]\nlive = '/-/live'\n";
    let gate = "basic = { user = 'ci', password_env = 'CI_PASSWORD' }\n";
    let mount = Gateway::open_mount(&store.url).replace("insecure_no_auth = true\n", gate);
    let mount = mount.replace("path = '/'", "path = '/x'");
    let gateway = Gateway::start(&format!("{health}{mount}"));
    let (mut sender, connection) = connect(&gateway.address).await;
    for (target, status) in [
        ("/x", StatusCode::UNAUTHORIZED),
        ("/%2e%2e/x", StatusCode::BAD_REQUEST),
        ("/-/live", StatusCode::OK),
        ("/-/ready", StatusCode::NOT_FOUND),
    ] {
        let url = format!("http://{}{target}", gateway.address);
        let get = sender.send_request(request(&url)).await.unwrap();
        let (got, whole) = read(get).await;
        let mut head = request(&url);
        *head.method_mut() = Method::HEAD;
        let answer = sender.send_request(head).await.unwrap();
        let length = answer.headers()["content-length"].to_str().unwrap();
        assert_eq!(length, whole.len().to_string(), "{target}");
        let (said, nothing) = read(answer).await;
        assert_eq!((got, said), (status, status), "{target}");
        assert!(!whole.is_empty() && nothing.is_empty(), "{target}");
    }
    drop(sender);
    connection.await.unwrap().unwrap();
}
