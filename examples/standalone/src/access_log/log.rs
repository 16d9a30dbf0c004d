use std::sync::Arc;

use portcullis::Clock;

use super::format::{LogFormat, LogRequests};
use super::record::Record;
use super::request_id::RequestIds;
use crate::line_queue::LineKind;

/// Where the lines go.
pub(crate) type Lines = Arc<dyn Fn(LineKind, String) + Send + Sync>;

/// The state that all requests share.
pub(super) struct Log {
    pub(super) format: LogFormat,
    pub(super) requests: LogRequests,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: RequestIds,
    pub(super) lines: Lines,
}

impl Log {
    pub(super) fn write(&self, record: &Record) {
        if self.requests.has(record) {
            (self.lines)(record.kind, self.format.line(record));
        }
    }
}
