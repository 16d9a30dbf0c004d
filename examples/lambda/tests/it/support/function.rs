use std::convert::Infallible;
use std::process::Stdio;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::DEADLINE;

/// The program as Lambda starts it.
pub(crate) struct Program {
    child: Child,
}

/// The output of a program that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

impl Program {
    /// Starts the program without the environment of the machine.
    pub(crate) fn start(runtime: &str, environment: &[(&str, &str)]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", runtime)
            .env("AWS_LAMBDA_FUNCTION_NAME", "gateway")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { child }
    }

    /// Waits for the program to end.
    pub(crate) async fn end(self) -> Ended {
        let output = timeout(DEADLINE, self.child.wait_with_output());
        let output = output.await.unwrap().unwrap();
        Ended {
            code: output.status.code(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Kills the program, and returns its log.
    async fn kill(mut self) -> String {
        self.child.start_kill().unwrap();
        self.end().await.stderr
    }
}

/// A function: the program, and the Runtime API that sends it events.
pub(crate) struct Function {
    program: Program,
    events: Sender<String>,
    answers: Receiver<Request<Incoming>>,
    accepting: JoinHandle<()>,
}

struct RuntimeApi {
    events: Mutex<Receiver<String>>,
    answers: Sender<Request<Incoming>>,
}

impl Function {
    pub(crate) async fn start(environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, coming) = channel(1);
        let (sender, answers) = channel(1);
        let api = Arc::new(RuntimeApi {
            events: Mutex::new(coming),
            answers: sender,
        });
        let accepting = tokio::spawn(serve(listener, api));
        Self {
            program: Program::start(&address, environment),
            events,
            answers,
            accepting,
        }
    }

    /// Sends the program an event, and waits for the beginning of its answer.
    pub(crate) async fn begin(&mut self, event: String) -> Coming {
        self.events.send(event).await.unwrap();
        let request = timeout(DEADLINE, self.answers.recv()).await.unwrap();
        let (head, body) = request.unwrap().into_parts();
        let mode = head.headers.get("lambda-runtime-function-response-mode");
        let is_streaming = mode.is_some_and(|mode| mode == "streaming");
        assert_eq!(
            is_streaming,
            head.uri.path() == "/2018-06-01/runtime/invocation/1/response",
            "{head:?}"
        );
        Coming {
            is_streaming,
            read: Vec::new(),
            body,
        }
    }

    /// The whole answer.
    pub(crate) async fn answer(&mut self, event: String) -> Answer {
        self.begin(event).await.finish().await.unwrap()
    }

    /// Waits until the program ends by itself.
    pub(crate) async fn end(self) -> Ended {
        self.program.end().await
    }

    /// Kills the program, and returns its log.
    pub(crate) async fn kill(self) -> String {
        self.accepting.abort();
        self.program.kill().await
    }
}

async fn serve(listener: TcpListener, api: Arc<RuntimeApi>) {
    // Dropping the set, with the task, ends the connections.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let api = Arc::clone(&api);
        let service = service_fn(move |request| call(Arc::clone(&api), request));
        connections.spawn(async move {
            let server = http1::Builder::new();
            // If the program aborts a connection, the reader of its body fails.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn call(
    api: Arc<RuntimeApi>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        assert_eq!(request.uri(), "/2018-06-01/runtime/invocation/next");
        let Some(event) = api.events.lock().await.recv().await else {
            return std::future::pending().await;
        };
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "1")
            .header("lambda-runtime-deadline-ms", "4102444800000")
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:a:1:function:f",
            )
            .body(Full::from(event));
        return Ok(response.unwrap());
    }
    // The test reads the body, so the connection must stay open until then. The server keeps a
    // connection that is answered early open until the body has been read.
    api.answers.send(request).await.unwrap();
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// An answer that is still being received.
pub(crate) struct Coming {
    is_streaming: bool,
    read: Vec<u8>,
    body: Incoming,
}

/// The eight zeros between the head of an answer and its body.
const SEPARATOR: [u8; 8] = [0; 8];

impl Coming {
    /// Waits until the body begins with `bytes`.
    pub(crate) async fn wait_for(&mut self, bytes: &[u8]) {
        loop {
            let separator = self.read.windows(8).position(|it| it == SEPARATOR);
            if separator.is_some_and(|at| self.read[at + 8..].starts_with(bytes)) {
                return;
            }
            let frame = timeout(DEADLINE, self.body.frame()).await.unwrap();
            self.read
                .extend(frame.unwrap().unwrap().into_data().unwrap());
        }
    }

    /// The whole answer, if it ends properly.
    pub(crate) async fn finish(mut self) -> Result<Answer, hyper::Error> {
        let rest = timeout(DEADLINE, self.body.collect()).await.unwrap()?;
        self.read.extend(rest.to_bytes());
        if !self.is_streaming {
            let error: Value = serde_json::from_slice(&self.read).unwrap();
            return Ok(Answer {
                head: error,
                body: Vec::new(),
            });
        }
        let at = self.read.windows(8).position(|it| it == SEPARATOR).unwrap();
        Ok(Answer {
            head: serde_json::from_slice(&self.read[..at]).unwrap(),
            body: self.read.split_off(at + 8),
        })
    }
}

/// An answer as Lambda receives it.
pub(crate) struct Answer {
    /// Status and headers, or the error that the program sent instead of an answer.
    pub(crate) head: Value,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The status, which an error does not have.
    pub(crate) fn status(&self) -> Option<u64> {
        self.head["statusCode"].as_u64()
    }

    /// A header, of which Lambda takes one text for each name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.head["headers"].get(name)?;
        Some(
            value
                .as_str()
                .unwrap_or_else(|| panic!("{name} is {value}")),
        )
    }

    /// The message for an event that the program does not serve.
    pub(crate) fn error(&self) -> Option<&str> {
        self.head["errorMessage"].as_str()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
