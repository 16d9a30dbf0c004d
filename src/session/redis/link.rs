use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::session::error::{SessionStoreError, SessionStoreErrorKind};

/// The one connection, which all requests share. It is made when it is needed, and made anew when it
/// has failed.
///
/// The crate's own `ConnectionManager` keeps a failure to sign in for good, and a connection that has
/// gone silent until TCP gives it up.
pub(super) struct Link {
    client: Client,
    limit: Duration,
    connection: Mutex<Shared>,
}

/// Empty until somebody has connected.
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
    /// An idle connection may have been closed by the server or a firewall, which shows when it is
    /// used. The command is then sent once more, by a new one. It may have been carried out already:
    /// whoever takes a value is told in this case that there is none, and whoever locks that somebody
    /// else does.
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
        // Of those who wait, one connects at a time, so that each has a limit of its own.
        let connected = timeout(self.limit, shared.get_or_try_init(|| self.connect())).await;
        let mut connection = match connected {
            Ok(connection) => connection.map_err(told)?.clone(),
            Err(_) => return Err(SessionStoreError::new(SessionStoreErrorKind::TimedOut)),
        };
        let answer = match command.query_async::<Value>(&mut connection).await {
            Ok(answer) => read(answer),
            Err(error) if says_no(&error) => return Err(told(error)),
            Err(error) => Err(told(error)),
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

    /// The next who asks connects anew, unless somebody has done so.
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

/// Whether the server has answered, and its next answer is worth waiting for. One that has become a
/// replica keeps its connections, while its name leads to another.
fn says_no(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(kind) => kind != ServerErrorKind::ReadOnly,
        kind => kind == ErrorKind::Extension,
    }
}

/// What a server says may repeat the command, so that no more than its code is told.
fn told(error: RedisError) -> SessionStoreError {
    match error.kind() {
        ErrorKind::Io if error.is_timeout() => {
            SessionStoreError::new(SessionStoreErrorKind::TimedOut)
        }
        ErrorKind::Io => {
            SessionStoreError::new(SessionStoreErrorKind::Unreachable).with_source(error)
        }
        ErrorKind::Server(_) | ErrorKind::Extension => {
            let code = error.code().filter(|code| is_code(code));
            SessionStoreError::new(SessionStoreErrorKind::Refused)
                .with_source(code.unwrap_or("no code"))
        }
        ErrorKind::AuthenticationFailed => SessionStoreError::new(SessionStoreErrorKind::Refused)
            .with_source("the password is not taken"),
        _ => SessionStoreError::new(SessionStoreErrorKind::Malformed),
    }
}

fn is_code(code: &str) -> bool {
    code.len() <= 20 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}
