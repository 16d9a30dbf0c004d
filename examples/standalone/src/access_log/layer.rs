use std::sync::Arc;

use portcullis::Clock;
use tower::Layer;

use super::format::{LogFormat, LogRequests};
use super::log::{Lines, Log};
use super::meter::Meter;
use super::request_id::RequestIds;
use super::service::AccessLog;

/// Layer that applies [`AccessLog`].
#[derive(Clone)]
pub(crate) struct AccessLogLayer {
    log: Arc<Log>,
    meter: Meter,
}

impl AccessLogLayer {
    /// Passes each line to `lines`, with the time from `clock`.
    pub(crate) fn new(
        format: LogFormat,
        requests: LogRequests,
        clock: impl Clock,
        ids: RequestIds,
        lines: Lines,
    ) -> Self {
        let clock = Arc::new(clock);
        Self {
            log: Arc::new(Log {
                format,
                requests,
                clock,
                ids,
                lines,
            }),
            meter: Meter::OFF,
        }
    }

    /// Counts the requests too, and describes the counts to the recorder that is installed.
    pub(crate) fn counted(self) -> Self {
        Meter::describe();
        let meter = Meter::ON;
        Self { meter, ..self }
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog::new(inner, Arc::clone(&self.log), self.meter)
    }
}
