use std::time::Duration;

use portcullis::RequestLimitLayer;

/// Limits on the requests under way.
#[derive(Clone, Debug)]
pub(crate) struct RequestLimits {
    /// In all, and of one client network.
    pub(crate) requests: u32,
    pub(crate) requests_per_network: u32,
    /// Of one identity, once it is admitted.
    pub(crate) requests_per_identity: u32,
    /// Requests that S3 answers.
    pub(crate) exchanges: u32,
    /// How many requests beyond a limit wait, and for how long.
    pub(crate) waiting_requests: u32,
    pub(crate) longest_wait: Duration,
}

impl RequestLimits {
    /// The limit outside of the gates, for all mounts together.
    pub(super) fn outside(&self) -> RequestLimitLayer {
        self.queued(
            RequestLimitLayer::new(self.requests as usize)
                .with_max_per_network(self.requests_per_network as usize),
        )
    }

    /// The limit around the leaves, for all mounts together.
    pub(super) fn inside(&self) -> RequestLimitLayer {
        self.queued(
            RequestLimitLayer::new(self.exchanges as usize)
                .with_max_per_identity(self.requests_per_identity as usize),
        )
    }

    fn queued(&self, layer: RequestLimitLayer) -> RequestLimitLayer {
        layer.with_queue(self.waiting_requests as usize, self.longest_wait)
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            requests: 2048,
            requests_per_network: 128,
            requests_per_identity: 128,
            exchanges: 512,
            waiting_requests: 1024,
            longest_wait: Duration::from_secs(10),
        }
    }
}
