use std::ops::RangeInclusive;
use std::time::Duration;

/// Limits on connections and request heads.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The longest head of a request in bytes, within [`HEADER_BYTES`]. It also bounds the buffers of
    /// HTTP/1, which otherwise grow to 400 KiB on a fast connection.
    pub(crate) header_bytes: u32,
    /// The longest wait for the head of a request, and so for the next request on an HTTP/1
    /// connection; also the longest TLS handshake.
    pub(crate) header_time: Duration,
    /// How long a connection may be idle before it is closed.
    pub(crate) idle_time: Duration,
    /// The number of concurrent connections.
    pub(crate) connections: u32,
}

/// From the minimum that hyper accepts to enough for all the cookies of a browser.
pub(crate) const HEADER_BYTES: RangeInclusive<u32> = 8192..=65_536;

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A client that reads slowly may hold this much of an answer, too.
            header_bytes: 16 * 1024,
            header_time: Duration::from_secs(30),
            idle_time: Duration::from_mins(1),
            connections: 1024,
        }
    }
}
