use tower::Layer;

use super::entry::Log;
use super::service::AccessLog;

/// Layer that applies [`AccessLog`].
#[derive(Clone)]
pub(crate) struct AccessLogLayer {
    log: Log,
}

impl AccessLogLayer {
    /// Gives each line to `log`.
    pub(crate) fn new(log: Log) -> Self {
        Self { log }
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog::new(inner, self.log.clone())
    }
}
