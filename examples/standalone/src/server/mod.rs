//! The server: accepts connections, limits them, and shuts down gracefully.
//!
//! 1. HTTP/1.1 and HTTP/2 share one port and are distinguished by the client's first bytes. If there
//!    are certificates, both are served over TLS only.
//! 2. At the limit of connections no more are accepted. Further ones wait in the kernel, where they
//!    cost no memory and need no handshake, which an answer with an error status would.
//! 3. An idle connection is closed; a slow one is not.
//! 4. On shutdown the listener is closed at once. During the grace period requests on open
//!    connections are still answered, with `Connection: close` on HTTP/1. Then idle connections are
//!    closed, and running answers continue to their end or to the deadline.

mod client;
mod connection;
mod idle;
mod limits;
mod listener;
mod open_files;
mod shutdown;

pub(crate) use self::limits::{HEADER_BYTES, Limits};
pub(crate) use self::listener::Server;
pub(crate) use self::open_files::make_room;
pub(crate) use self::shutdown::ShutdownTimes;
