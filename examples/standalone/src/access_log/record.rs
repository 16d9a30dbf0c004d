use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, StatusCode, Uri};
use portcullis::client_address::ClientAddress;
use portcullis::gate::RefusalKind;

use super::reported::Reported;
use crate::line_queue::LineKind;

/// The content of a line.
pub(super) struct Record {
    pub(super) time: SystemTime,
    pub(super) client: Option<ClientAddress>,
    pub(super) id: HeaderValue,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) reported: Reported,
    pub(super) status: Option<StatusCode>,
    /// The bytes of the body that were sent.
    pub(super) sent: u64,
    /// The time until the body ended.
    pub(super) took: Duration,
    /// The time until S3's answer began.
    pub(super) upstream: Option<Duration>,
    pub(super) ended: bool,
    pub(super) reason: Option<String>,
    /// The category of the reason, if a gate refused.
    pub(super) refusal: Option<RefusalKind>,
    pub(super) kind: LineKind,
}
