use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::{Client, Cmd, ConnectionInfo, IntoConnectionInfo, TlsCertificates, Value, cmd};
use url::Url;

use super::link::Link;
use crate::error::ConfigError;
use crate::secret::Secret;
use crate::session::error::{SessionStoreError, SessionStoreErrorKind};
use crate::session::store::{SessionStore, StoreFuture};

/// Sessions in Redis 6.2 or newer, or in Valkey.
///
/// See the [module docs](crate::session::redis). Clones are cheap and share the connection.
#[derive(Clone)]
pub struct RedisSessions {
    info: ConnectionInfo,
    authorities: Option<Arc<[u8]>>,
    timeout: Duration,
    key_prefix: Arc<str>,
    link: Arc<Link>,
}

impl RedisSessions {
    /// The server at this URL: `redis://[[user]:password@]host[:port][/database]`, or `rediss://…` for
    /// TLS. Special characters in user and password must be percent-encoded.
    ///
    /// It connects at the first request; call [`RedisSessions::ping`] to connect at the start.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for any other URL. It does not repeat the URL.
    pub fn new(url: impl Into<Secret>) -> Result<Self, ConfigError> {
        let info = connection_info(url.into().expose())?;
        let timeout = Duration::from_secs(1);
        Ok(Self {
            link: Arc::new(Link::new(client(&info, None)?, timeout)),
            info,
            authorities: None,
            timeout,
            key_prefix: "portcullis:".into(),
        })
    }

    /// Sets the prefix of all keys (default `portcullis:`). Use your own prefix in a database that you
    /// share.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for more than 100 characters, and for characters other than visible ASCII.
    pub fn with_key_prefix(mut self, prefix: &str) -> Result<Self, ConfigError> {
        if prefix.len() > 100 || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            let problem = "must be at most 100 visible ASCII characters";
            return Err(ConfigError::new("redis key prefix", problem));
        }
        self.key_prefix = prefix.into();
        Ok(self)
    }

    /// Sets the timeout of connecting and of each answer (default one second each).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for zero.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, ConfigError> {
        if timeout.is_zero() {
            return Err(ConfigError::new(
                "redis timeout",
                "must be greater than zero",
            ));
        }
        self.timeout = timeout;
        self.with_new_link()
    }

    /// Trusts the certificate authorities in this PEM instead of those of the machine.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the PEM contains no certificate, and if the URL is not `rediss`.
    pub fn with_certificate_authorities(mut self, pem: &[u8]) -> Result<Self, ConfigError> {
        // The `redis` crate accepts a PEM without certificates, and then trusts no server.
        let blocks = pem::parse_many(pem).unwrap_or_default();
        if !blocks.iter().any(|block| block.tag() == "CERTIFICATE") {
            return Err(ConfigError::new(
                "certificate authorities",
                "the PEM contains no certificate",
            ));
        }
        self.authorities = Some(pem.into());
        self.with_new_link()
    }

    fn with_new_link(mut self) -> Result<Self, ConfigError> {
        let client = client(&self.info, self.authorities.as_deref())?;
        self.link = Arc::new(Link::new(client, self.timeout));
        Ok(self)
    }

    /// Checks that the server answers and accepts the credentials.
    ///
    /// # Errors
    ///
    /// Returns [`SessionStoreError`] if it does not.
    pub async fn ping(&self) -> Result<(), SessionStoreError> {
        let read = |answer| match answer {
            Value::SimpleString(pong) if pong == "PONG" => Ok(()),
            _ => Err(malformed()),
        };
        self.link.ask(&cmd("PING"), read).await
    }

    /// Whether the server is in cluster mode, in which it has only a part of the keys. `false` if the server does
    /// not permit the question, which is the command `INFO`.
    ///
    /// # Errors
    ///
    /// Returns [`SessionStoreError`] if the server does not answer or refuses the credentials.
    pub async fn is_cluster(&self) -> Result<bool, SessionStoreError> {
        self.ping().await?;
        let mut command = cmd("INFO");
        command.arg("cluster");
        let is_cluster = |answer: Value| match answer {
            Value::BulkString(text) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                Ok(text.lines().any(|line| line == "cluster_enabled:1"))
            }
            _ => Err(malformed()),
        };
        match self.link.ask(&command, is_cluster).await {
            Err(error) if error.kind() == SessionStoreErrorKind::Refused => Ok(false),
            answer => answer,
        }
    }

    /// A command with one key.
    fn about(&self, verb: &str, key: &str) -> Cmd {
        let mut command = cmd(verb);
        command.arg(format!("{}{key}", self.key_prefix));
        command
    }

    fn ask<T: Send + 'static>(
        &self,
        command: Cmd,
        read: fn(Value) -> Result<T, SessionStoreError>,
    ) -> StoreFuture<'_, T> {
        StoreFuture::new(async move { self.link.ask(&command, read).await })
    }
}

impl SessionStore for RedisSessions {
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.ask(self.about("GET", key), value)
    }

    fn save(&self, key: &str, value: Vec<u8>, ttl: Duration) -> StoreFuture<'_, ()> {
        let mut command = self.about("SET", key);
        command.arg(value).arg("PX").arg(millis(ttl));
        self.ask(command, |answer| match answer {
            Value::Okay => Ok(()),
            _ => Err(malformed()),
        })
    }

    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.ask(self.about("GETDEL", key), value)
    }

    fn delete(&self, key: &str) -> StoreFuture<'_, ()> {
        self.ask(self.about("DEL", key), |answer| match answer {
            Value::Int(_) => Ok(()),
            _ => Err(malformed()),
        })
    }

    fn try_lock(&self, key: &str, ttl: Duration) -> StoreFuture<'_, bool> {
        let mut command = self.about("SET", key);
        command.arg("locked").arg("NX").arg("PX").arg(millis(ttl));
        self.ask(command, |answer| match answer {
            Value::Okay => Ok(true),
            Value::Nil => Ok(false),
            _ => Err(malformed()),
        })
    }
}

fn value(answer: Value) -> Result<Option<Vec<u8>>, SessionStoreError> {
    match answer {
        Value::BulkString(value) => Ok(Some(value)),
        Value::Nil => Ok(None),
        _ => Err(malformed()),
    }
}

/// The error of an answer that does not fit its command.
fn malformed() -> SessionStoreError {
    SessionStoreError::new(SessionStoreErrorKind::Malformed)
}

/// Redis refuses an expiry of zero.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// Refuses URLs that the `redis` crate would accept: `#insecure` disables the verification of
/// certificates, and a user without a password is not authenticated.
fn connection_info(url: &str) -> Result<ConnectionInfo, ConfigError> {
    let refuse = |problem| ConfigError::new("redis URL", problem);
    let parsed = Url::parse(url).map_err(|_| refuse("is not a URL"))?;
    if !matches!(parsed.scheme(), "redis" | "rediss") {
        return Err(refuse("does not begin with redis:// or rediss://"));
    }
    if parsed.host_str().is_none_or(str::is_empty) {
        return Err(refuse("has no host"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(refuse("has a query or a fragment"));
    }
    let database = parsed.path().trim_start_matches('/');
    if !database.bytes().all(|byte| byte.is_ascii_digit()) || database.len() > 9 {
        return Err(refuse("has a path that is not the number of a database"));
    }
    if !parsed.username().is_empty() && parsed.password().is_none() {
        return Err(refuse("has a user without a password"));
    }
    let info = parsed
        .into_connection_info()
        .map_err(|_| refuse("has an invalid host, user or password"))?;
    let settings = info.redis_settings().clone().set_skip_set_lib_name();
    let info = info.set_redis_settings(settings);
    // Requests are small, and wait for their answers.
    Ok(info.set_tcp_settings(TcpSettings::default().set_nodelay(true)))
}

fn client(info: &ConnectionInfo, authorities: Option<&[u8]>) -> Result<Client, ConfigError> {
    let client = match authorities {
        None => Client::open(info.clone()),
        Some(authorities) => {
            let certificates = TlsCertificates {
                client_tls: None,
                root_cert: Some(authorities.to_vec()),
            };
            Client::build_with_tls(info.clone(), certificates)
        }
    };
    client.map_err(|_| {
        let problem = "are not valid PEM, or the URL is not rediss";
        ConfigError::new("certificate authorities", problem)
    })
}

impl fmt::Debug for RedisSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessions")
            .field("address", &format_args!("{}", self.info.addr()))
            .field("key_prefix", &self.key_prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
