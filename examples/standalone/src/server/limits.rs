use std::ops::RangeInclusive;
use std::time::Duration;

/// Limits on connections and request heads.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The longest head of a request in bytes, within [`HEADER_BYTES`]. It also bounds the buffers of
    /// HTTP/1, which otherwise grow to 400 KiB on a fast connection.
    pub(crate) header_bytes: u32,
    /// The longest wait from the beginning of a connection, or of the wait for the next request of
    /// HTTP/1, to the end of the request's head. It includes the TLS handshake.
    pub(crate) header_time: Duration,
    /// How long a connection may have no request under way, and a client take nothing of an answer.
    pub(crate) idle_time: Duration,
    /// The number of concurrent connections, in all and of one client network.
    pub(crate) connections: u32,
    pub(crate) connections_per_network: u32,
}

/// From the minimum that hyper accepts to enough for all the cookies of a browser.
pub(crate) const HEADER_BYTES: RangeInclusive<u32> = 8192..=65_536;

/// The connections of an address that only supervisors use.
const ADMIN_CONNECTIONS: u32 = 32;

impl Limits {
    /// The limits of the address for health checks.
    pub(crate) fn of_admin(&self) -> Self {
        Self {
            connections: ADMIN_CONNECTIONS,
            connections_per_network: ADMIN_CONNECTIONS,
            ..self.clone()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A client that reads slowly may hold this much of an answer, too.
            header_bytes: 16 * 1024,
            header_time: Duration::from_secs(30),
            idle_time: Duration::from_mins(1),
            connections: 1024,
            connections_per_network: 256,
        }
    }
}
