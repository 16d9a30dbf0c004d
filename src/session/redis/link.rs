use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::session::error::{SessionStoreError, SessionStoreErrorKind};

/// The connection that all requests share. It is made when it is first needed, and again after a failure.
///
/// The `ConnectionManager` of the `redis` crate keeps an authentication failure forever, and a silent
/// connection until TCP gives up.
pub(super) struct Link {
    client: Client,
    limit: Duration,
    connection: Mutex<Shared>,
}

/// What a server of a cluster answers about a key of another one.
const OF_A_CLUSTER: [&str; 3] = ["ASK", "CLUSTERDOWN", "MOVED"];

/// Empty until a request has connected.
type Shared = Arc<OnceCell<MultiplexedConnection>>;

impl Link {
    pub(super) fn new(client: Client, limit: Duration) -> Self {
        Self {
            client,
            limit,
            connection: Mutex::default(),
        }
    }

    /// Sends a command and reads the answer.
    ///
    /// The server or a firewall may have closed an idle connection, which is only noticed when it is
    /// used. The command is then sent once more over a new one. It may have taken effect before: `take`
    /// then finds no value, and `try_lock` a lock that is held.
    pub(super) async fn ask<T: Send>(
        &self,
        command: &Cmd,
        read: fn(Value) -> Result<T, SessionStoreError>,
    ) -> Result<T, SessionStoreError> {
        let shared = Arc::clone(&self.shared());
        let was_connected = shared.initialized();
        match self.ask_by(&shared, command, read).await {
            Err(error) if was_connected && error.kind() == SessionStoreErrorKind::Unreachable => {
                let shared = Arc::clone(&self.shared());
                self.ask_by(&shared, command, read).await
            }
            outcome => outcome,
        }
    }

    async fn ask_by<T: Send>(
        &self,
        shared: &Shared,
        command: &Cmd,
        read: fn(Value) -> Result<T, SessionStoreError>,
    ) -> Result<T, SessionStoreError> {
        // Waiting requests connect one at a time, so each has its own timeout.
        let connected = timeout(self.limit, shared.get_or_try_init(|| self.connect())).await;
        let mut connection = match connected {
            Ok(connection) => connection.map_err(store_error)?.clone(),
            Err(_) => return Err(SessionStoreError::new(SessionStoreErrorKind::TimedOut)),
        };
        let answer = match command.query_async::<Value>(&mut connection).await {
            Ok(answer) => read(answer),
            Err(error) if is_answer(&error) => return Err(store_error(error)),
            Err(error) => Err(store_error(error)),
        };
        if answer.is_err() {
            self.forget(shared);
        }
        answer
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(Some(self.limit));
        self.client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    /// Makes the next request reconnect, unless another one has already.
    fn forget(&self, failed: &Shared) {
        let mut shared = self.shared();
        if Arc::ptr_eq(&shared, failed) {
            *shared = Shared::default();
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the connection is still usable after this error. One to a server that has become a replica is
/// not: the server's name may lead to another one by now.
fn is_answer(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(kind) => kind != ServerErrorKind::ReadOnly,
        kind => kind == ErrorKind::Extension,
    }
}

/// The text of a server's error may repeat the command, so only its code is kept.
fn store_error(error: RedisError) -> SessionStoreError {
    match error.kind() {
        ErrorKind::Io if error.is_timeout() => {
            SessionStoreError::new(SessionStoreErrorKind::TimedOut)
        }
        ErrorKind::Io => {
            SessionStoreError::new(SessionStoreErrorKind::Unreachable).with_source(error)
        }
        ErrorKind::Server(_) | ErrorKind::Extension => {
            let code = error.code().filter(|code| is_code(code));
            let code = code.unwrap_or("no code");
            let kind = if OF_A_CLUSTER.contains(&code) {
                SessionStoreErrorKind::Cluster
            } else {
                SessionStoreErrorKind::Refused
            };
            SessionStoreError::new(kind).with_source(code)
        }
        ErrorKind::AuthenticationFailed => SessionStoreError::new(SessionStoreErrorKind::Refused)
            .with_source("the server rejected the password"),
        _ => SessionStoreError::new(SessionStoreErrorKind::Malformed),
    }
}

fn is_code(code: &str) -> bool {
    code.len() <= 20 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}
