//! Sessions in Redis 6.2 or newer, or in Valkey, for gateways that share them.
//!
//! [`RedisSessions`] are a [`SessionStore`](crate::session::SessionStore) over one connection, which
//! all requests share:
//!
//! 1. It is made when the first request needs it, and anew when it has failed, so that an outage ends
//!    by itself. A command whose connection turns out to have ended is sent once more.
//! 2. Connecting may take a second, and so may an answer; the request fails then, and whenever the
//!    server answers with an error. Nothing else is tried again.
//! 3. The commands are `GET`, `SET … PX`, `SET … NX PX`, `GETDEL`, `DEL` and `PING`, each about one
//!    key, and all keys begin with the prefix. A user of the server who may do these with these
//!    keys is enough.
//!
//! # Deployment caveats
//!
//! * Every value has its end, so a server that evicts when it is full (`volatile-ttl`, for example)
//!   signs people out, and one that does not (`noeviction`) lets nobody in: the keys of logins under
//!   way and of sessions are few hundred bytes each, sessions with their tokens some thousand.
//! * A server that forgets at a restart signs everybody out.
//! * Redis Cluster is not spoken: a server that answers `MOVED` is not the one for all keys. Give the
//!   address of a primary, or of a proxy.
//! * `rediss` verifies the server's certificate, by the certificate authorities of the machine or by
//!   [`RedisSessions::with_certificate_authorities`]. It uses the process's default provider of rustls; a
//!   program with more than one of them in its tree has to install one.
//! * It has to be awaited within a tokio runtime, with its timer and its network.
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
//! // Nobody is there.
//! assert_eq!(sessions.ping().await.unwrap_err().kind(), SessionStoreErrorKind::Unreachable);
//!
//! assert!(RedisSessions::new("https://redis.example").is_err());
//! # Ok(())
//! # }
//! ```

mod link;
mod sessions;

pub use self::sessions::RedisSessions;
