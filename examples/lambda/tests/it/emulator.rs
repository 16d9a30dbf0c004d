use std::process::{Output, Stdio};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::support::{Bucket, DEADLINE, Event, Issuer, Program, basic};

/// `cargo lambda watch`, which emulates Lambda and its Function URLs, with the program behind it.
struct Emulator {
    address: String,
    _watch: Child,
    _program: Program,
}

fn cargo_lambda() -> Command {
    let mut command = Command::new("cargo-lambda");
    command
        .arg("lambda")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

impl Emulator {
    async fn start(environment: &[(&str, &str)]) -> Self {
        // It does not accept port 0. This one is unlikely to be reused so soon.
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = port.local_addr().unwrap();
        drop(port);
        let watch = cargo_lambda()
            .args(["watch", "--only-lambda-apis", "--ignore-changes"])
            .args(["--invoke-address", "127.0.0.1", "--invoke-port"])
            .arg(address.port().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("cargo-lambda is of `.ci/run tools`");
        let address = address.to_string();
        let listens = async {
            while TcpStream::connect(&address).await.is_err() {
                sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        timeout(DEADLINE, listens).await.unwrap();
        let program = Program::start(&format!("http://{address}/.rt"), environment);
        Self {
            address,
            _watch: watch,
            _program: program,
        }
    }

    /// Sends a request to the Function URL.
    async fn ask(&self, method: &str, path: &str, authorization: Option<&str>) -> Response<Bytes> {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "h");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let answer = async {
            let (head, body) = sender.send_request(request).await.unwrap().into_parts();
            Response::from_parts(head, body.collect().await.unwrap().to_bytes())
        };
        timeout(DEADLINE, answer).await.unwrap()
    }

    /// Invokes the function with an event.
    async fn invoke(&self, event: &str) -> Output {
        let port = self.address.rsplit_once(':').unwrap().1;
        let invoked = cargo_lambda()
            .args([
                "invoke",
                "--invoke-address",
                "127.0.0.1",
                "--invoke-port",
                port,
            ])
            .args(["--data-ascii", event])
            .output();
        timeout(DEADLINE, invoked).await.unwrap().unwrap()
    }
}

const OBJECTS: [(&str, &str); 2] = [
    ("simple/pkg/index.html", "the page"),
    ("a+b.whl", "the wheel"),
];

#[tokio::test]
#[ignore = "needs cargo-lambda, of `.ci/run tools`"]
async fn cargo_lambda_watch_serves_the_bucket() {
    let bucket = Bucket::start(&OBJECTS).await;
    let issuer = Issuer::start().await;
    let environment = bucket.environment(&[
        ("BASIC_AUTH", "ci:pa55word"),
        ("ISSUER", Issuer::NAME),
        ("AUDIENCE", "packages"),
        ("REQUIRE", "read"),
        ("JWKSPATH", issuer.url()),
    ]);
    let emulator = Emulator::start(&environment).await;
    let bearer = |scope: &str, expiry: u64| {
        let claims = json!({
            "iss": Issuer::NAME, "aud": "packages", "sub": "ana", "exp": expiry, "scope": scope,
        });
        format!("Bearer {}", issuer.token(&claims))
    };
    let login = basic("ci:pa55word");
    let (good, bad) = (Some(&*login), &*basic("ci:guess"));
    let token = bearer("read", 4_102_444_800);
    let lacking = bearer("readonly", 4_102_444_800);
    let expired = bearer("read", 1_000_000_000);
    for (name, method, path, authorization, status, body) in [
        ("an index", "GET", "/simple/pkg/", good, 200, "the page"),
        ("a wheel", "GET", "/a%2Bb.whl", good, 200, "the wheel"),
        (
            "a wheel by token",
            "GET",
            "/a+b.whl",
            Some(&*token),
            200,
            "the wheel",
        ),
        ("a head", "HEAD", "/a%2Bb.whl", good, 200, ""),
        (
            "nobody",
            "GET",
            "/a%2Bb.whl",
            None,
            401,
            "401 Unauthorized\n",
        ),
        (
            "a guess",
            "GET",
            "/a%2Bb.whl",
            Some(bad),
            401,
            "401 Unauthorized\n",
        ),
        (
            "a scope less",
            "GET",
            "/a+b.whl",
            Some(&*lacking),
            403,
            "403 Forbidden\n",
        ),
        (
            "an old token",
            "GET",
            "/a+b.whl",
            Some(&*expired),
            401,
            "401 Unauthorized\n",
        ),
    ] {
        let answer = emulator.ask(method, path, authorization).await;
        assert_eq!(answer.status(), status, "{name}");
        assert_eq!(answer.body(), body, "{name}");
    }
    let answer = emulator.ask("GET", "/x%2F..%2Fa+b.whl", good).await;
    assert_eq!(answer.status(), 400, "{:?}", answer.body());
}

#[tokio::test]
#[ignore = "needs cargo-lambda, of `.ci/run tools`"]
async fn cargo_lambda_invokes_the_function_with_events() {
    let bucket = Bucket::start(&OBJECTS).await;
    let emulator = Emulator::start(&bucket.environment(&[("BASIC_AUTH", "ci:pa55word")])).await;
    let event = Event::get("/simple/pkg/").with("authorization", &basic("ci:pa55word"));
    for (name, event, expected) in [
        ("Function URL", event.of_function_url(), Ok("the page\n")),
        ("REST API", event.of_rest_api(), Ok("the page\n")),
        // It treats any other status as a failure.
        (
            "nobody",
            Event::get("/simple/pkg/").of_function_url(),
            Err("401"),
        ),
        (
            "HTTP API",
            event.of_http_api(),
            Err("an event of an HTTP API"),
        ),
        (
            "HTTP API, format 1.0",
            event.of_http_api_1(),
            Err("an event of an HTTP API"),
        ),
        (
            "load balancer",
            event.of_load_balancer(),
            Err("neither a Function URL"),
        ),
    ] {
        let output = emulator.invoke(&event).await;
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        match expected {
            Ok(body) => assert_eq!(stdout, body, "{name}: {stderr}"),
            Err(error) => {
                assert!(!output.status.success(), "{name}: {stdout}");
                assert!(stderr.contains(error), "{name}: {stderr}");
            }
        }
    }
}
