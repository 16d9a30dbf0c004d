//! The server: accepts connections, limits them, and shuts down gracefully.
//!
//! 1. HTTP/1.1 and HTTP/2 share one port and are distinguished by the client's first bytes. If there
//!    are certificates, both are served over TLS only.
//! 2. At the limit of connections, the one that has been idle longest is closed for a new one, of the
//!    client network that has the most. If a request is under way on all of them, further ones wait in
//!    the kernel, where they cost no memory and need no handshake, which an answer with an error status
//!    would.
//! 3. A connection is idle while no request is under way. An idle one is closed after a while, and one
//!    without a first request, or with the beginning of a head, sooner, whatever bytes it sends. A slow one
//!    is not.
//! 4. A client that takes nothing of an answer for a while is cut off: on HTTP/1 its connection, on
//!    HTTP/2 the stream.
//! 5. A connection of a named proxy begins with a header of the PROXY protocol, before TLS. The client that
//!    it names counts everywhere in place of the peer.
//! 6. On shutdown the listener is closed at once. During the grace period requests on open
//!    connections are still answered, with `Connection: close` on HTTP/1. Then idle connections are
//!    closed, and running answers continue to their end or to the deadline.

mod activity;
mod body;
mod client;
mod connection;
mod connections;
mod limits;
mod listener;
mod open_files;
mod proxied;
mod proxies;
mod proxy_header;
mod shutdown;
mod stalled_writes;
mod stream_executor;

pub(crate) use self::limits::{HEADER_BYTES, Limits};
pub(crate) use self::listener::Server;
pub(crate) use self::open_files::make_room;
pub(crate) use self::proxies::Proxies;
pub(crate) use self::shutdown::ShutdownTimes;
