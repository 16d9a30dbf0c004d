use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portcullis::aws::Credentials;
use portcullis::s3::{Bucket, BucketClient};

use super::folder::Folder;

/// A process that is killed when dropped.
#[derive(Debug)]
pub(super) struct Daemon(Child);

impl Daemon {
    pub(super) fn start(command: &mut Command) -> Self {
        let spawned = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(spawned.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    fn kill(&mut self) {
        // It has ended by itself where these fail.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An S3 server of another maker.
#[derive(Debug)]
pub(super) struct Peer {
    command: Command,
    // Above the folder, since fields are dropped in this order.
    process: Daemon,
    _folder: Folder,
    pub(super) endpoint: String,
    pub(super) key: String,
    pub(super) secret: String,
}

/// Ports that were free a moment ago, all different. `weed` takes the one that is 10000 above its volume's, too.
pub(super) fn free_ports<const N: usize>() -> [u16; N] {
    loop {
        let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = listeners.map(|listener| listener.local_addr().unwrap().port());
        if ports.iter().all(|port| *port < u16::MAX - 10_000) {
            return ports;
        }
    }
}

impl Peer {
    /// `contents` is JSON: of each bucket, how often each key has its own name as its content.
    pub(super) fn seaweedfs(contents: &str) -> Self {
        let (key, secret) = ("AKIDPEER", "peer+secret/key=");
        let ports: [u16; 7] = free_ports();
        let folder = Folder::new();
        let identity = format!(
            r#"{{"identities": [{{"name": "peer", "actions": ["Admin"],
                "credentials": [{{"accessKey": "{key}", "secretKey": "{secret}"}}]}}]}}"#
        );
        let config = folder.path().join("s3.json");
        std::fs::write(&config, identity).unwrap();
        let mut weed = Command::new("weed");
        weed.args(["mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"])
            .args(["-master.telemetry=false", "-admin.ui=false"])
            .args(["-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"])
            .arg(format!("-dir={}", folder.path().display()))
            .arg(format!("-s3.config={}", config.display()))
            .arg(format!("-s3.port={}", ports[0]))
            .arg(format!("-s3.port.grpc={}", ports[1]))
            .arg(format!("-volume.port={}", ports[2]))
            .arg(format!("-filer.port={}", ports[3]))
            .arg(format!("-filer.port.grpc={}", ports[4]))
            .arg(format!("-master.port={}", ports[5]))
            .arg(format!("-master.port.grpc={}", ports[6]));
        Self::start(weed, ports[0], folder).with_contents(key, secret, contents)
    }

    /// See [`Peer::seaweedfs`] for the contents.
    pub(super) fn moto(contents: &str) -> Self {
        let [port] = free_ports();
        let mut moto = Command::new("moto_server");
        // The first three requests make the user whose signatures are verified from then on.
        moto.env("INITIAL_NO_AUTH_ACTION_COUNT", "3");
        moto.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        Self::start(moto, port, Folder::new()).with_contents("-", "-", contents)
    }

    pub(super) fn start(mut command: Command, port: u16, folder: Folder) -> Self {
        Self {
            process: Daemon::start(&mut command),
            command,
            _folder: folder,
            endpoint: format!("http://127.0.0.1:{port}"),
            key: String::new(),
            secret: String::new(),
        }
    }

    /// Fills the buckets as soon as the server answers; see [`Peer::seaweedfs`] for the contents.
    pub(super) fn with_contents(mut self, key: &str, secret: &str, contents: &str) -> Self {
        let deadline = Instant::now() + Duration::from_mins(1);
        (self.key, self.secret) = loop {
            match self.prepare(&[key, secret], contents) {
                Ok(made) => break made,
                Err(error) => {
                    let starting = error.contains("EndpointConnectionError");
                    assert!(starting && Instant::now() < deadline, "{error}");
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        };
        self
    }

    /// The key and the secret of a new user of a moto, under these policy statements: a list in JSON.
    pub(super) fn user(&self, name: &str, statements: &str) -> (String, String) {
        let arguments = [&*self.key, &*self.secret, name];
        self.prepare(&arguments, statements).unwrap()
    }

    fn prepare(&self, arguments: &[&str], input: &str) -> Result<(String, String), String> {
        let mut prepare = Command::new("python3")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/it/peers/prepare.py"
            ))
            .arg(&self.endpoint)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = prepare.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        let output = prepare.wait_with_output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let lines = String::from_utf8(output.stdout).unwrap();
        let (key, secret) = lines.trim_end().split_once('\n').unwrap();
        Ok((key.to_owned(), secret.to_owned()))
    }

    pub(super) fn bucket(&self, name: &str) -> Bucket {
        let bucket = Bucket::new(name, "us-east-1").unwrap();
        bucket.with_endpoint(&self.endpoint).unwrap()
    }

    /// Reads as the user who may do everything.
    pub(super) fn client(&self, bucket: Bucket) -> BucketClient {
        client(bucket, &self.key, &self.secret)
    }

    /// Kills the server, which has no time to close anything.
    pub(super) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts the server again, on the same ports and data.
    pub(super) fn start_again(&mut self) {
        self.process = Daemon::start(&mut self.command);
    }
}

pub(super) fn client(bucket: Bucket, key: &str, secret: &str) -> BucketClient {
    BucketClient::new(bucket, Credentials::new(key, secret).unwrap()).unwrap()
}
