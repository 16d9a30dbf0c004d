//! Clients that take nothing for complete that may not be: HTTP/1.1 byte by byte, and HTTP/2.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::fault_proxy::end_of_head;

/// An answer, or as much of it as came.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// 0 if not even the head came.
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the answer has an end by the rules of its protocol.
    pub(crate) is_whole: bool,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A length that was announced is the length of a whole body.
    fn assert_length(&self, method: &Method) {
        let announced = self.header("content-length");
        let announced: Option<usize> = announced.map(|it| it.parse().unwrap());
        if self.is_whole && *method == Method::GET && self.status != 304 {
            assert_eq!(announced.unwrap_or(self.body.len()), self.body.len());
        }
    }
}

#[derive(Clone)]
pub(crate) enum Client {
    Http1(SocketAddr),
    /// One connection, which outlives every fault: only streams may be reset.
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Client {
    pub(crate) async fn http2(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        Self::Http2(sender)
    }

    pub(crate) async fn ask(&self, method: &Method, path: &str, headers: &[(&str, &str)]) -> Seen {
        let seen = match self {
            Self::Http1(server) => http1(*server, method, path, headers).await,
            Self::Http2(sender) => http2(sender.clone(), method, path, headers).await,
        };
        seen.assert_length(method);
        seen
    }
}

async fn http2(
    mut sender: http2::SendRequest<Empty<Bytes>>,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Seen {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://gateway{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sender.ready().await.expect("the connection is kept");
    let request = request.body(Empty::new()).unwrap();
    let Ok(answer) = sender.send_request(request).await else {
        return Seen::default();
    };
    let (head, mut body) = answer.into_parts();
    let mut seen = Seen {
        status: head.status.as_u16(),
        headers: head.headers,
        ..Seen::default()
    };
    loop {
        match body.frame().await {
            Some(Ok(frame)) => {
                let data = frame.into_data();
                seen.body.extend_from_slice(&data.expect("no trailers"));
            }
            Some(Err(_)) => return seen,
            None => break,
        }
    }
    seen.is_whole = true;
    seen
}

async fn http1(server: SocketAddr, method: &Method, path: &str, headers: &[(&str, &str)]) -> Seen {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.extend([*name, ": ", *value, "\r\n"]);
    }
    request.push_str("\r\n");
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The bytes count even if a reset follows.
    let _ = stream.read_to_end(&mut answer).await;
    let Some(end) = end_of_head(&answer) else {
        return Seen::default();
    };
    let rest = answer.split_off(end);
    let head = String::from_utf8(answer).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().strip_prefix("HTTP/1.1 ").unwrap();
    let mut seen = Seen {
        status: status[..3].parse().unwrap(),
        ..Seen::default()
    };
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        seen.headers
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    let length = seen.header("content-length");
    let length: Option<usize> = length.map(|it| it.parse().unwrap());
    (seen.body, seen.is_whole) = match (method, seen.status, length) {
        (&Method::HEAD, ..) | (_, 304, _) => {
            assert!(rest.is_empty(), "{head}");
            (rest, true)
        }
        (_, _, Some(length)) => {
            let is_whole = rest.len() == length;
            (rest, is_whole)
        }
        (_, _, None) => {
            assert_eq!(seen.header("transfer-encoding"), Some("chunked"), "{head}");
            unchunk(&rest)
        }
    };
    seen
}

/// The bytes of the chunks, and whether the last chunk came.
fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|it| it == b"\r\n") else {
            return (body, false);
        };
        let size = str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        rest = &rest[line + 2..];
        if size == 0 {
            return (body, rest == b"\r\n");
        }
        body.extend_from_slice(&rest[..size.min(rest.len())]);
        if rest.len() < size + 2 {
            return (body, false);
        }
        rest = &rest[size + 2..];
    }
}
