//! The default client, over sockets.

use std::convert::Infallible;
use std::env;
use std::error::Error as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use portcullis::jwt::KeySource;
use portcullis::jwt::jwks::{JwksError, JwksErrorKind, JwksKeys};
use portcullis::upstream::{FetchError, FetchErrorKind, ReqwestClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::support::fake_provider::{Answer, FakeProvider, key_set};
use crate::support::tls::localhost;

/// The kind of the error of the document.
fn fetch_kind(error: &JwksError) -> Option<FetchErrorKind> {
    let source = error.source()?.downcast_ref::<FetchError>()?;
    Some(source.kind())
}

/// A server that writes this and then does nothing, or goes on writing the rest.
struct Raw {
    url: String,
    accepting: JoinHandle<()>,
    /// In bytes.
    written: Arc<AtomicUsize>,
}

impl Raw {
    async fn start(head: &'static str, again: Option<(String, Duration)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let written = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&written);
        let accepting = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            stream.write_all(head.as_bytes()).await.unwrap();
            count.fetch_add(head.len(), Ordering::Relaxed);
            match again {
                // Until the client closes.
                Some((part, pause)) => {
                    while stream.write_all(part.as_bytes()).await.is_ok() {
                        count.fetch_add(part.len(), Ordering::Relaxed);
                        tokio::time::sleep(pause).await;
                    }
                }
                None => std::future::pending().await,
            }
        });
        Self {
            url,
            accepting,
            written,
        }
    }

    async fn fetch(&self, timeout: Duration) -> JwksError {
        let keys = JwksKeys::new(&self.url).unwrap().with_timeout(timeout);
        keys.fetch().await.unwrap_err()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[tokio::test]
async fn at_most_three_redirects_are_followed() {
    let provider = FakeProvider::new();
    let server = provider.serve().await;
    provider.publish("/keys", Answer::keys(&["a"]).with("set-cookie", "id=1"));
    for (number, status) in [(1, 301), (2, 302), (3, 303), (4, 307), (5, 308)] {
        let to = match number {
            1 => format!("{}/keys", server.url()),
            _ => format!("/hop{}", number - 1),
        };
        let hop = Answer::redirect(status, &to).with("set-cookie", "id=1");
        provider.publish(&format!("/hop{number}"), hop);
    }
    for (path, requests, expected) in [
        ("/keys", 1, None),
        ("/hop1", 2, None),
        ("/hop3", 4, None),
        ("/hop4", 4, Some(FetchErrorKind::Redirect)),
        ("/hop5", 4, Some(FetchErrorKind::Redirect)),
        (
            "/nothing",
            1,
            Some(FetchErrorKind::Status(StatusCode::NOT_FOUND)),
        ),
    ] {
        let keys = JwksKeys::new(&format!("{}{path}", server.url())).unwrap();
        let fetched = keys.fetch().await;
        assert_eq!(
            fetched.err().and_then(|error| fetch_kind(&error)),
            expected,
            "{path}"
        );
        assert_eq!(keys.keys().is_some(), expected.is_none(), "{path}");
        assert_eq!(provider.asked().len(), requests, "{path}");
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_ignored() {
    const CHILD: &str = "PORTCULLIS_TEST_KEYS";
    if let Some(url) = env::var_os(CHILD) {
        let keys = JwksKeys::new(url.to_str().unwrap()).unwrap();
        return keys.fetch().await.unwrap();
    }
    let provider = FakeProvider::new();
    let server = provider.serve().await;
    provider.publish("/keys", Answer::keys(&["a"]));
    // It accepts connections and does not answer.
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    // The environment of a process is the same for all its tests, so this one runs again in another.
    let mut child = Command::new(env::current_exe().unwrap());
    let name = "jwks::client::a_proxy_of_the_environment_is_ignored";
    child.args(["--exact", name]);
    child.env(CHILD, format!("{}/keys", server.url()));
    for variable in ["http_proxy", "https_proxy", "all_proxy"] {
        child.env(variable, &address);
        child.env(variable.to_uppercase(), &address);
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || child.output());
    let output = output.await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(provider.asked(), ["/keys"]);
}

#[tokio::test]
async fn an_answer_too_long_is_not_read() {
    // The first sends its head alone, and the second never ends.
    let long = "HTTP/1.1 200 OK\r\ncontent-length: 262145\r\n\r\n{";
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    for (head, again) in [(long, None), (endless, Some((chunk, Duration::ZERO)))] {
        let server = Raw::start(head, again).await;
        let error = server.fetch(Duration::from_mins(1)).await;
        assert_eq!(fetch_kind(&error), Some(FetchErrorKind::TooLarge), "{head}");
        // The buffers of two sockets hold some MiB.
        let written = server.written.load(Ordering::Relaxed);
        assert!(written < 32 * 1024 * 1024, "{written}");
    }
    // To the byte.
    let provider = FakeProvider::new();
    let server = provider.serve().await;
    for (length, expected) in [(262_144, true), (262_145, false)] {
        let mut document = key_set(&["a"]);
        document.push_str(&" ".repeat(length - document.len()));
        provider.publish("/keys", Answer::ok(document));
        let keys = JwksKeys::new(&format!("{}/keys", server.url())).unwrap();
        assert_eq!(keys.fetch().await.is_ok(), expected, "{length}");
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_cut_off() {
    let body = "HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n";
    let drip = Some((" ".to_owned(), Duration::from_millis(20)));
    for (name, head, again) in [
        ("no answer", "", None),
        ("half a head", "HTTP/1.1 200", None),
        ("no body", body, None),
        ("a byte now and then", body, drip),
    ] {
        let server = Raw::start(head, again).await;
        let error = server.fetch(Duration::from_millis(200)).await;
        assert_eq!(error.kind(), JwksErrorKind::TimedOut, "{name}");
    }
}

#[tokio::test]
async fn an_answer_must_be_whole_and_not_compressed() {
    let server = FakeProvider::new();
    let compressed = Answer::keys(&["a"]).with("content-encoding", "gzip");
    server.publish("/keys", compressed);
    let socket = server.serve().await;
    let keys = JwksKeys::new(&format!("{}/keys", socket.url())).unwrap();
    let error = keys.fetch().await.unwrap_err();
    assert_eq!(fetch_kind(&error), Some(FetchErrorKind::Encoded));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys?code=s3cret", listener.local_addr().unwrap());
    let keys = JwksKeys::new(&url).unwrap();
    let broken = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"keys\":[]}";
        stream.write_all(half).await.unwrap();
    });
    let error = keys.fetch().await.unwrap_err();
    assert_eq!(fetch_kind(&error), Some(FetchErrorKind::Unreachable));
    broken.await.unwrap();
    // The port is free again.
    let error = keys.fetch().await.unwrap_err();
    assert_eq!(fetch_kind(&error), Some(FetchErrorKind::Unreachable));
    assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
}

/// Serves a key set over TLS as `localhost`. Returns the port and the authority in PEM.
async fn serve_tls() -> (u16, String, JoinHandle<()>) {
    let (acceptor, authority) = localhost();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve_once(&acceptor, stream).await;
        }
    });
    (port, authority, serving)
}

async fn serve_once(acceptor: &TlsAcceptor, stream: TcpStream) {
    // A client that does not trust the certificate breaks off.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let service = hyper::service::service_fn(|_| async {
        let mut response = Response::new(Full::<Bytes>::from(key_set(&["a"])));
        let close = http::HeaderValue::from_static("close");
        response.headers_mut().insert("connection", close);
        Ok::<_, Infallible>(response)
    });
    let connection = hyper::server::conn::http1::Builder::new();
    let _ = connection
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_match() {
    let (port, authority, serving) = serve_tls().await;
    let (_, other, _) = serve_tls().await;
    for (name, host, trusted, expected) in [
        ("its authority", "localhost", Some(&authority), true),
        ("the machine's authorities", "localhost", None, false),
        ("another authority", "localhost", Some(&other), false),
        ("another host", "127.0.0.1", Some(&authority), false),
    ] {
        let mut keys = JwksKeys::new(&format!("https://{host}:{port}/keys")).unwrap();
        if let Some(authority) = trusted {
            let client = ReqwestClient::with_certificate_authorities(authority.as_bytes());
            keys = keys.with_client(client.unwrap());
        }
        let error = keys.fetch().await.err();
        let kind = error.as_ref().and_then(fetch_kind);
        let refused = (!expected).then_some(FetchErrorKind::Unreachable);
        assert_eq!(kind, refused, "{name}: {error:?}");
    }
    serving.abort();
}

#[test]
fn a_pem_without_certificate_is_refused() {
    let broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    for pem in ["", "no PEM", broken] {
        let error = ReqwestClient::with_certificate_authorities(pem.as_bytes()).unwrap_err();
        assert_eq!(error.setting(), "certificate authorities", "{pem}");
    }
}
