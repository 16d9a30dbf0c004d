//! Where the program listens: a port on all interfaces, an address, a Unix socket, or a socket that systemd
//! has opened.
//!
//! The peer of a connection over a Unix socket has no address. It is a process of this machine that the mode of
//! the socket lets connect, so it counts as `127.0.0.1` in the log, in the limits and among trusted proxies.

mod address;
mod inherited;
mod listener;
mod socket;
#[cfg(unix)]
mod unix;

pub(crate) use self::address::Address;
pub(crate) use self::inherited::Inherited;
pub(crate) use self::listener::Listener;
pub(crate) use self::socket::Socket;
