//! The examples run, as programs.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use axum::body::Body;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use portcullis::SystemClock;
use portcullis::jwt::Algorithm;
use serde_json::json;

use crate::support::basic;
use crate::support::browser::Browser;
use crate::support::clock::StandingClock;
use crate::support::fake_provider::{Answer, FakeProvider};
use crate::support::fake_s3::{FakeS3, KEY_ID, SECRET};
use crate::support::fake_sso::{CLIENT, CLIENT_SECRET, FakeSso};
use crate::support::file::TestFile;
use crate::support::issuer::{AUDIENCE, issuer};

/// A running example; it is killed when dropped.
pub(crate) struct Example {
    process: Child,
    /// The lines before the one that names the address.
    printed: Vec<String>,
    url: String,
}

impl Example {
    pub(crate) fn start(name: &str, environment: &[(&str, &str)]) -> Self {
        Self::start_with(name, &[], environment)
    }

    fn start_with(name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let source = format!("{}/examples/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let built = std::fs::metadata(path_of(name)).and_then(|file| file.modified());
        let written = std::fs::metadata(source).and_then(|file| file.modified());
        assert!(
            built.is_ok_and(|built| built > written.unwrap()),
            "{name} is not built, or of an older source: `cargo test` alone builds the examples"
        );
        let mut process = Command::new(path_of(name))
            .arg("127.0.0.1:0")
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}; `cargo test` builds the examples"));
        let mut printed = Vec::new();
        for line in BufReader::new(process.stdout.as_mut().unwrap()).lines() {
            let line = line.unwrap();
            if let Some(url) = line.strip_prefix("listening on ") {
                return Self {
                    url: url.to_owned(),
                    printed,
                    process,
                };
            }
            printed.push(line);
        }
        let log = Self {
            url: String::new(),
            printed: Vec::new(),
            process,
        };
        panic!("{name}: {printed:?} {}", log.stop());
    }

    /// Ends it; what it wrote to stderr.
    pub(crate) fn stop(mut self) -> String {
        self.process.kill().unwrap();
        let mut log = String::new();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        log
    }

    pub(crate) async fn get(&self, path: &str, authorization: Option<&str>) -> (u16, String) {
        let mut request = http::Request::get(format!("{}{path}", self.url));
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let client = Client::builder(TokioExecutor::new()).build_http();
        let request = request
            .body(http_body_util::Empty::<bytes::Bytes>::new())
            .unwrap();
        let response = client.request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Examples are built beside the directory of the test programs.
fn path_of(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(std::path::Path::parent).unwrap();
    target.join("examples").join(name)
}

#[tokio::test]
async fn basic_auth_guards_an_axum_app() {
    let example = Example::start("basic_auth", &[]);
    assert_eq!(example.get("/", None).await.0, 401);
    let (status, body) = example.get("/", Some(&basic("ana", "open sesame"))).await;
    assert_eq!((status, body.as_str()), (200, "Hello, ana!\n"));
}

#[tokio::test]
async fn index_rewrite_serves_the_documents_of_folders() {
    let example = Example::start("index_rewrite", &[]);
    assert_eq!(example.get("/docs/", None).await.1, "/docs/index.html\n");
    assert_eq!(example.get("/docs", None).await.0, 301);
    assert_eq!(
        example.get("/docs/guide.html", None).await.1,
        "/docs/guide.html\n"
    );
}

#[tokio::test]
async fn jwt_scope_takes_tokens_of_a_discovered_issuer() {
    let provider = FakeProvider::new();
    let server = provider.serve().await;
    let metadata = json!({"issuer": server.url(), "jwks_uri": format!("{}/keys", server.url())});
    let path = "/.well-known/openid-configuration";
    provider.publish(path, Answer::ok(metadata.to_string()));
    provider.publish("/keys", Answer::ok(issuer().jwks()));
    let environment = [("ISSUER", &*server.url()), ("AUDIENCE", AUDIENCE)];
    let example = Example::start("jwt_scope", &environment);
    assert_eq!(example.get("/whoami", None).await.0, 401);

    let token = |scope: &str| {
        let claims = json!({
            "iss": server.url(), "aud": AUDIENCE, "sub": "ana", "email": "ana@x.test",
            "exp": 4_102_444_800_u64, "scope": scope,
        });
        format!("Bearer {}", issuer().token(Algorithm::Es256, &claims))
    };
    let (status, body) = example.get("/whoami", Some(&token(""))).await;
    assert_eq!((status, body.as_str()), (200, "ana <ana@x.test>\n"));
    let readonly = token("releases:writeonly");
    assert_eq!(example.get("/release", Some(&readonly)).await.0, 403);
    let (status, body) = example
        .get("/release", Some(&token("releases:write")))
        .await;
    assert_eq!((status, body.as_str()), (200, "released by ana\n"));
}

#[tokio::test]
async fn token_auth_takes_the_token_that_it_prints() {
    let file = TestFile::new("example-tokens", "");
    file.remove();
    let path = file.path.to_str().unwrap();
    let example = Example::start_with("token_auth", &[path], &[]);
    let (_, token) = example.printed[0].rsplit_once(": ").unwrap();
    assert_eq!(example.get("/", None).await.0, 401);
    let greeting = (200, "Hello, robot!\n".to_owned());
    let password = basic("any", token);
    assert_eq!(example.get("/", Some(&password)).await, greeting);
    assert_eq!(example.get(&format!("/t/{token}/"), None).await, greeting);
    assert_eq!(example.get(&format!("/t/{token}0/"), None).await.0, 401);
}

#[tokio::test]
async fn sso_admits_browsers_and_robots_with_tokens() {
    let provider = FakeSso::openid(SystemClock::default());
    let _server = provider.serve().await;
    let file = TestFile::new("example-sso-tokens", "");
    file.remove();
    let environment = [
        ("OIDC_ISSUER", &*provider.issuer()),
        ("OIDC_CLIENT_ID", CLIENT),
        ("OIDC_CLIENT_SECRET", CLIENT_SECRET),
        ("ALLOWED_DOMAIN", "example.com"),
    ];
    let example = Example::start_with("sso", &[file.path.to_str().unwrap()], &environment);
    let (_, token) = example.printed[0].rsplit_once(": ").unwrap();
    let greeting = (200, "Hello, robot!\n".to_owned());
    assert_eq!(
        example.get("/", Some(&format!("Bearer {token}"))).await,
        greeting
    );
    assert_eq!(example.get("/", None).await.0, 401);

    let callback = format!("{}/oauth2/callback", example.url);
    provider.switches().redirect_uris.push(callback);
    let client = Client::builder(TokioExecutor::new()).build_http();
    let url = example.url.clone();
    let site = tower::service_fn(move |mut request: http::Request<Body>| {
        *request.uri_mut() = format!("{url}{}", request.uri()).parse().unwrap();
        let client = client.clone();
        async move { Ok::<_, Infallible>(client.request(request).await.unwrap()) }
    });
    let mut browser = Browser::new(&example.url, site, &provider, &StandingClock::new());
    let visit = browser.open("/").await;
    assert_eq!(visit.status(), 200);
    assert_eq!(visit.answer.unwrap().body, "Hello, ana@example.com!\n");
}

#[tokio::test]
async fn s3_proxy_serves_a_bucket_in_hyper() {
    let s3 = FakeS3::start().await;
    s3.put("packages/a.whl", "wheel");
    let endpoint = s3.url();
    let environment = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_S3_BUCKET", "wheels/packages"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("S3_ENDPOINT_URL", &endpoint),
    ];
    let example = Example::start("s3_proxy", &environment);
    assert_eq!(example.get("/a.whl", None).await, (200, "wheel".to_owned()));
    assert_eq!(example.get("/b.whl", None).await.0, 404);
}
