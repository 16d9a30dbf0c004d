//! Sessions in Redis 6.2 or newer, or in Valkey, for gateways that share them.
//!
//! [`RedisSessions`] is a [`SessionStore`](crate::session::SessionStore) over one connection that all
//! requests share:
//!
//! 1. The first request connects, and after a failure the next one reconnects, so that no restart is
//!    needed after an outage. A command is sent once more if its connection turns out to be closed.
//! 2. Connecting and answering may take one second each by default. After that, the request fails, as it
//!    does if the server answers with an error. Nothing else is retried.
//! 3. The commands are `GET`, `SET … PX`, `SET … NX PX`, `GETDEL`, `DEL` and `PING`, with one key each,
//!    and all keys begin with the prefix. A Redis user with these permissions is enough.
//!
//! # Deployment caveats
//!
//! * All values expire. When the server is full and evicts keys (`volatile-ttl`, for example), people are
//!   signed out; with `noeviction`, nobody can sign in. Keys of pending logins and of sessions take a few
//!   hundred bytes each, sessions with their tokens some thousand.
//! * If the server loses its data at a restart, everybody is signed out.
//! * Redis Cluster is not supported: a server that answers `MOVED` does not hold all keys, and the request fails
//!   with [`Cluster`](crate::session::SessionStoreErrorKind::Cluster). Use the address of a primary outside of a
//!   cluster, or of a proxy. [`RedisSessions::is_cluster`] asks before the first request.
//! * `rediss` verifies the server's certificate with the certificate authorities of the machine or with
//!   [`RedisSessions::with_certificate_authorities`]. It uses the default rustls provider of the process;
//!   a program with more than one of them in its tree must install one.
//! * It needs a tokio runtime with time and I/O enabled.
//!
//! # Example
//!
//! ```
//! use portcullis::session::{RedisSessions, SessionStoreErrorKind};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis::ConfigError> {
//! let sessions = RedisSessions::new("redis://gateway:s3cret@127.0.0.1:1/0")?;
//! assert_eq!(
//!     format!("{sessions:?}"),
//!     r#"RedisSessions { address: 127.0.0.1:1, key_prefix: "portcullis:", timeout: 1s, .. }"#
//! );
//! // No server listens there.
//! assert_eq!(sessions.ping().await.unwrap_err().kind(), SessionStoreErrorKind::Unreachable);
//!
//! assert!(RedisSessions::new("https://redis.example").is_err());
//! # Ok(())
//! # }
//! ```

mod link;
mod sessions;

pub use self::sessions::RedisSessions;
