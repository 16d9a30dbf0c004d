use std::time::Duration;

/// How long the store of a mount is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    /// A connection to one of its addresses.
    pub(crate) connect: Duration,
    /// The beginning of its answer, the wait for a connection included.
    pub(crate) first_byte: Duration,
    /// The next part of an object.
    pub(crate) idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
        }
    }
}
