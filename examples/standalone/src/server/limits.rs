use std::ops::RangeInclusive;
use std::time::Duration;

/// Limits on connections and request heads.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The longest head of a request in bytes, within [`HEADER_BYTES`]. It also bounds the buffers of
    /// HTTP/1, which otherwise grow to 400 KiB on a fast connection.
    pub(crate) header_bytes: u32,
    /// The longest wait for the end of a request's head: for the first from the beginning of the connection,
    /// with the TLS handshake, and for a later one of HTTP/1 from its first byte.
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
            // AWS's load balancers keep idle connections for 60 seconds. A request on one that was closed here
            // first would be their 502.
            idle_time: Duration::from_secs(75),
            connections: 1024,
            connections_per_network: 256,
        }
    }
}
