use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Extensions, Method, Request, Response, StatusCode};
use http_body::Body;
use portcullis::gate::{RefusalKind, RefusalReason};
use portcullis::limit::LimitReached;
use portcullis::path::PathError;
use portcullis::s3::UpstreamTime;
use portcullis::sso::SignInNote;

use super::log::Log;
use super::meter::Meter;
use super::record::Record;
use super::reported::Reported;
use super::request_id::X_REQUEST_ID;
use crate::error_chain::chain;
use crate::host::HostError;
use crate::leaf::LeafFailure;
use crate::line_queue::LineKind;

/// Writes the record of a request when it is dropped, since that happens exactly once however a
/// request ends: at the end of its body, by an error, or by a client that went away.
pub(super) struct Entry {
    log: Arc<Log>,
    meter: Meter,
    begun: Instant,
    /// The bytes that make the body complete, if that is known.
    expected: Option<u64>,
    record: Record,
}

impl Entry {
    /// Begins the entry of a request. Inner parts find its id in its headers, and a place for what is reported
    /// in its extensions.
    pub(super) fn begin<B>(log: Arc<Log>, meter: Meter, request: &mut Request<B>) -> Self {
        meter.begin();
        let reported = Reported::default();
        request.extensions_mut().insert(reported.clone());
        let id = log.ids.of(request.headers());
        request.headers_mut().insert(X_REQUEST_ID, id.clone());
        let record = Record {
            time: log.clock.now(),
            client: request.extensions().get().copied(),
            id,
            method: request.method().clone(),
            uri: request.uri().clone(),
            reported,
            status: None,
            sent: 0,
            took: Duration::ZERO,
            upstream: None,
            ended: false,
            reason: None,
            refusal: None,
            kind: LineKind::Request,
        };
        Self {
            log,
            meter,
            begun: Instant::now(),
            expected: None,
            record,
        }
    }

    /// Records the head of the response, and adds the request id to it.
    pub(super) fn answer<B: Body>(&mut self, response: &mut Response<B>) {
        let record = &mut self.record;
        let id = record.id.clone();
        response.headers_mut().insert(X_REQUEST_ID, id);
        let status = response.status();
        record.status = Some(status);
        record.reason = reason(response.extensions());
        let refusal = response.extensions().get::<RefusalReason>();
        record.refusal = refusal.map(RefusalReason::kind);
        record.kind = kind(status, response.extensions());
        let upstream = response.extensions().get::<UpstreamTime>();
        record.upstream = upstream.map(|time| time.duration());
        // The server reads nothing of these bodies, and drops them at once.
        record.ended = record.method == Method::HEAD
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
            || response.body().is_end_stream();
        self.expected = response.body().size_hint().exact();
    }

    /// Records a part of the body.
    pub(super) fn send(&mut self, bytes: usize) {
        self.record.sent += bytes as u64;
        // The server does not poll for the end of a body whose length it knows.
        self.record.ended |= self.expected == Some(self.record.sent);
    }

    /// Records the end of the body.
    pub(super) fn end(&mut self) {
        self.record.ended = true;
    }

    /// Records why the body broke off.
    pub(super) fn fail(&mut self, error: &(dyn Error + 'static)) {
        self.record.ended = false;
        self.record.reason = Some(chain(error));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.record.took = self.begun.elapsed();
        self.meter.end(&self.record);
        self.log.write(&self.record);
    }
}

/// A refused credential has room of its own in the log. A request without one costs nothing to send, so
/// that a flood of them must not take that room.
fn kind(status: StatusCode, extensions: &Extensions) -> LineKind {
    let is_refusal = matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    );
    let refusal = extensions.get::<RefusalReason>();
    let has_credential = refusal.is_some_and(|it| it.kind() != RefusalKind::Missing);
    if is_refusal && has_credential {
        LineKind::Refusal
    } else {
        LineKind::Request
    }
}

/// The reason that a part gave for its answer, if it gave one.
fn reason(extensions: &Extensions) -> Option<String> {
    let refusal = extensions.get::<RefusalReason>().map(|it| chain(it));
    let path = || extensions.get::<PathError>().map(|it| chain(it));
    let leaf = || extensions.get::<LeafFailure>().map(|it| chain(it));
    let limit = || extensions.get::<LimitReached>().map(|it| chain(it));
    let host = || extensions.get::<HostError>().map(|it| chain(it));
    let note = || extensions.get::<SignInNote>().map(SignInNote::to_string);
    let reason = refusal.or_else(path).or_else(leaf);
    reason.or_else(limit).or_else(host).or_else(note)
}
