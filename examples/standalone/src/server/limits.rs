use std::ops::RangeInclusive;
use std::time::Duration;

/// What one client may take of this program.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Longest head of a request, in bytes, of those in [`HEADER_BYTES`]. It bounds the buffers of
    /// HTTP/1 as well, which grow with the speed of a connection to 400 KiB otherwise.
    pub(crate) header_bytes: u32,
    /// Longest wait for the head of a request, and so for the next one on a connection of HTTP/1;
    /// longest handshake of TLS.
    pub(crate) header_time: Duration,
    /// How long a connection may stay on which no byte moves.
    pub(crate) idle_time: Duration,
    /// Connections at once.
    pub(crate) connections: u32,
}

/// The least that hyper takes, and enough for all the cookies of a browser.
pub(crate) const HEADER_BYTES: RangeInclusive<u32> = 8192..=65_536;

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A client that reads slowly may hold as much of what it is sent, too.
            header_bytes: 16 * 1024,
            header_time: Duration::from_secs(30),
            idle_time: Duration::from_mins(1),
            connections: 1024,
        }
    }
}
