use http::{Method, StatusCode};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use portcullis::gate::RefusalKind;

use super::record::Record;

/// Counts requests by the facade of `metrics`. Each label has a bounded number of values.
#[derive(Clone, Copy)]
pub(super) struct Meter {
    is_on: bool,
}

impl Meter {
    pub(super) const OFF: Self = Self { is_on: false };
    pub(super) const ON: Self = Self { is_on: true };

    /// Describes what is counted here to the recorder.
    pub(super) fn describe() {
        describe_counter!(
            "portcullis_requests_total",
            "Requests that have ended; the status is `none` if the client left before an answer."
        );
        describe_counter!("portcullis_refusals_total", "Requests that a gate refused.");
        describe_histogram!(
            "portcullis_request_seconds",
            Unit::Seconds,
            "Time from a request to the end of its answer."
        );
        describe_counter!(
            "portcullis_response_bytes_total",
            Unit::Bytes,
            "Bytes of the bodies of answers."
        );
        describe_gauge!("portcullis_requests_in_flight", "Requests under way.");
    }

    pub(super) fn begin(self) {
        if self.is_on {
            gauge!("portcullis_requests_in_flight").increment(1);
        }
    }

    pub(super) fn end(self, record: &Record) {
        if !self.is_on {
            return;
        }
        gauge!("portcullis_requests_in_flight").decrement(1);
        // What reaches no mount, such as a malformed path, has an empty label, which is the same as none.
        let mount = record.reported.mount();
        let mount = mount.map(|mount| mount.path.clone()).unwrap_or_default();
        counter!(
            "portcullis_requests_total",
            "mount" => mount.clone(), "method" => method(&record.method), "status" => class(record.status)
        )
        .increment(1);
        counter!("portcullis_response_bytes_total", "mount" => mount.clone())
            .increment(record.sent);
        histogram!("portcullis_request_seconds", "mount" => mount.clone()).record(record.took);
        if let Some(reason) = record.refusal {
            counter!("portcullis_refusals_total", "mount" => mount, "reason" => name(reason))
                .increment(1);
        }
    }
}

/// A client can send any method.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(5) => "5xx",
        _ => "none",
    }
}

fn name(reason: RefusalKind) -> &'static str {
    match reason {
        RefusalKind::Missing => "missing",
        RefusalKind::Malformed => "malformed",
        RefusalKind::Invalid => "invalid",
        RefusalKind::Forbidden => "forbidden",
        RefusalKind::InsufficientScope => "insufficient_scope",
        RefusalKind::TooManyFailures => "too_many_failures",
        RefusalKind::Unavailable => "unavailable",
        RefusalKind::Misconfigured => "misconfigured",
        _ => "other",
    }
}
