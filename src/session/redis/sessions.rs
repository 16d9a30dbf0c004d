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
/// See the [module docs](crate::session::redis). A clone costs a few counters and shares the
/// connection.
#[derive(Clone)]
pub struct RedisSessions {
    info: ConnectionInfo,
    authorities: Option<Arc<[u8]>>,
    timeout: Duration,
    key_prefix: Arc<str>,
    link: Arc<Link>,
}

impl RedisSessions {
    /// The server at this URL: `redis://[[user]:password@]host[:port][/database]`, or `rediss://…`
    /// for TLS. What is special in a URL is percent-encoded in user and password.
    ///
    /// Nothing is connected before it is needed: [`RedisSessions::ping`] does, to fail at the start.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which does not repeat the URL, for any other.
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

    /// What every key in the server begins with; `portcullis:` unless told. Who shares a database
    /// with others has one of their own.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for more than 100 characters, and for others than ASCII without blanks.
    pub fn with_key_prefix(mut self, prefix: &str) -> Result<Self, ConfigError> {
        if prefix.len() > 100 || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            let problem = "not at most 100 characters of ASCII, none of them blank";
            return Err(ConfigError::new("redis key prefix", problem));
        }
        self.key_prefix = prefix.into();
        Ok(self)
    }

    /// How long it may take to connect, and how long to answer; a second each unless told.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for no time at all.
    pub fn with_timeout(mut self, timeout: Duration) -> Result<Self, ConfigError> {
        if timeout.is_zero() {
            return Err(ConfigError::new("redis timeout", "no time at all"));
        }
        self.timeout = timeout;
        self.linked_anew()
    }

    /// Trusts the certificate authorities in this PEM, and not those of the machine.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where there is none in it, and where the URL is not `rediss`.
    pub fn with_certificate_authorities(mut self, pem: &[u8]) -> Result<Self, ConfigError> {
        // The crate takes a PEM without any, and trusts nobody.
        let blocks = pem::parse_many(pem).unwrap_or_default();
        if !blocks.iter().any(|block| block.tag() == "CERTIFICATE") {
            return Err(ConfigError::new("certificate authorities", "there is none"));
        }
        self.authorities = Some(pem.into());
        self.linked_anew()
    }

    fn linked_anew(mut self) -> Result<Self, ConfigError> {
        let client = client(&self.info, self.authorities.as_deref())?;
        self.link = Arc::new(Link::new(client, self.timeout));
        Ok(self)
    }

    /// Asks whether the server is there and lets this program in.
    ///
    /// # Errors
    ///
    /// [`SessionStoreError`] where it is not, or does not.
    pub async fn ping(&self) -> Result<(), SessionStoreError> {
        let read = |answer| match answer {
            Value::SimpleString(pong) if pong == "PONG" => Ok(()),
            _ => Err(malformed()),
        };
        self.link.ask(&cmd("PING"), read).await
    }

    /// A command about a key.
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

/// For what is no answer to the command.
fn malformed() -> SessionStoreError {
    SessionStoreError::new(SessionStoreErrorKind::Malformed)
}

/// Redis takes no lifetime of nothing.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// The crate takes more than this: `#insecure` switches the verification of certificates off, and a
/// user without a password is not signed in.
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
        .map_err(|_| refuse("has a host, user or password that cannot be"))?;
    let settings = info.redis_settings().clone().set_skip_set_lib_name();
    let info = info.set_redis_settings(settings);
    // A request is small, and waits for its answer.
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
        let problem = "they are not in PEM, or the URL is not rediss";
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
