use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use http::{Extensions, HeaderMap, Method, Request, Uri};
use http_body_util::BodyExt;
use s3s::auth::SimpleAuth;
use s3s::route::S3Route;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Request, S3Response, S3Result};
use tokio::runtime::{Builder, Runtime};

use super::DEADLINE;

const KEY_ID: &str = "AKID";
const SECRET_KEY: &str = "s3cr3tkey";

/// The variables with the key that the store accepts.
pub(crate) const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", KEY_ID),
    ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
];

/// The question of whether the bucket is right, which the program asks at its start.
const TRIAL: &str = "?list-type=2&max-keys=1";

/// The answer to it.
const EMPTY_LIST: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n<ListBucketResult/>\n";

/// The answer of a store with an object.
pub(crate) const OBJECT: &str =
    "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwheel";

/// A store with one answer to each request for an object that is signed with its key. `s3s`, which shares no code
/// with the signer under test, verifies the signatures.
pub(crate) struct Store {
    pub(crate) url: String,
    targets: Receiver<String>,
}

impl Store {
    /// Sends `answer` unchanged, and closes the connection.
    pub(crate) fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, targets) = channel();
        // The thread ends with the test process: it waits for connections and holds nothing.
        thread::spawn(move || {
            let verifier = Verifier::new();
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(target) = answer_one(stream, &verifier, answer) else {
                    continue;
                };
                if sender.send(target).is_err() {
                    return;
                }
            }
        });
        Self { url, targets }
    }

    /// The target of the next request for an object.
    pub(crate) fn target(&self) -> String {
        self.targets.recv_timeout(DEADLINE).unwrap()
    }
}

/// The next connection that asks for an object. The trial of the bucket is answered, and has ended.
pub(crate) fn accept_object(listener: &TcpListener) -> TcpStream {
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        let length = stream.peek(&mut head).unwrap();
        let line = String::from_utf8_lossy(&head[..length]);
        if !line.lines().next().is_some_and(|it| it.contains(TRIAL)) {
            return stream;
        }
        stream.write_all(EMPTY_LIST.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // The program closes its end.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    }
}

fn answer_one(mut stream: TcpStream, verifier: &Verifier, answer: &str) -> Option<String> {
    let lines = BufReader::new(stream.try_clone().ok()?).lines();
    let head: Vec<_> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let (line, headers) = head.split_first()?;
    let (method, rest) = line.split_once(' ')?;
    let (target, _) = rest.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target);
    for header in headers {
        let (name, value) = header.split_once(": ")?;
        request = request.header(name, value);
    }
    let request = request.body(Body::empty()).ok()?;
    let refusal = verifier.refusal(request);
    let is_trial = target.ends_with(TRIAL);
    let answer = if is_trial { EMPTY_LIST } else { answer };
    let answer = refusal.as_deref().unwrap_or(answer);
    stream.write_all(answer.as_bytes()).ok()?;
    (!is_trial).then(|| target.to_owned())
}

/// Verifies signatures.
struct Verifier {
    service: S3Service,
    runtime: Runtime,
}

impl Verifier {
    fn new() -> Self {
        let mut builder = S3ServiceBuilder::new(NoOperations);
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET_KEY));
        builder.set_route(Verified);
        Self {
            service: builder.build(),
            runtime: Builder::new_current_thread().build().unwrap(),
        }
    }

    /// The answer to a request, if its signature is wrong.
    fn refusal(&self, request: Request<Body>) -> Option<String> {
        let answer = self.runtime.block_on(self.service.call(request)).unwrap();
        let status = answer.status();
        if status.is_success() {
            return None;
        }
        let document = self.runtime.block_on(answer.into_body().collect()).unwrap();
        let document = String::from_utf8(document.to_bytes().into()).unwrap();
        let length = document.len();
        Some(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{document}"
        ))
    }
}

/// No operation of `s3s` is used: the route takes every request whose signature is right.
struct NoOperations;

#[async_trait::async_trait]
impl S3 for NoOperations {}

struct Verified;

#[async_trait::async_trait]
impl S3Route for Verified {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        true
    }

    async fn call(&self, _: S3Request<Body>) -> S3Result<S3Response<Body>> {
        Ok(S3Response::new(Body::empty()))
    }
}
