use std::sync::Arc;

use portcullis::Clock;
use tower::Layer;

use super::format::LogFormat;
use super::request_id::RequestIds;
use super::service::AccessLog;

/// Where the lines go.
pub(crate) type Lines = Arc<dyn Fn(String) + Send + Sync>;

/// Layer that applies [`AccessLog`].
#[derive(Clone)]
pub(crate) struct AccessLogLayer {
    log: Arc<Log>,
}

/// What all requests share.
pub(super) struct Log {
    pub(super) format: LogFormat,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: RequestIds,
    pub(super) lines: Lines,
}

impl AccessLogLayer {
    /// Gives each line to `lines`, with the time by `clock`.
    pub(crate) fn new(format: LogFormat, clock: impl Clock, ids: RequestIds, lines: Lines) -> Self {
        let clock = Arc::new(clock);
        Self {
            log: Arc::new(Log {
                format,
                clock,
                ids,
                lines,
            }),
        }
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog::new(inner, Arc::clone(&self.log))
    }
}
