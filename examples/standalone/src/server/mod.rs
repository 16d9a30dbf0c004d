//! The server: connections, what they may take, and how they end.
//!
//! 1. HTTP/1.1 and HTTP/2 on one port, told apart by what the client sends first; over TLS where
//!    there are certificates, and then over nothing else.
//! 2. Beyond the number of connections none is accepted: what waits, waits in the kernel, where it
//!    costs no memory, and without a handshake that a refusal by status would need.
//! 3. A connection on which no byte moves is closed; a slow one that moves is not.
//! 4. At the end the listener is closed at once. Open connections are still answered for a grace,
//!    idle ones too, and HTTP/1 is told `Connection: close`; then idle ones are closed, and streams
//!    run to their end or to the deadline.

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
