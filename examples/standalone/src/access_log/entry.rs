use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{Extensions, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use portcullis::client_address::ClientAddress;
use portcullis::gate::RefusalReason;
use portcullis::path::PathError;
use portcullis::s3::{S3Error, UpstreamTime};

use super::identity::Admitted;
use super::layer::Log;
use super::request_id::X_REQUEST_ID;
use crate::error_chain::chain;

/// What is known of a request. It is written when it is dropped, since that happens exactly once
/// however a request ends: at the end of its body, by an error, or by a client that went away.
pub(super) struct Entry {
    log: Arc<Log>,
    begun: Instant,
    pub(super) time: SystemTime,
    pub(super) client: Option<ClientAddress>,
    pub(super) id: HeaderValue,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) admitted: Admitted,
    pub(super) status: Option<StatusCode>,
    pub(super) sent: u64,
    /// Until S3's answer began.
    pub(super) upstream: Option<Duration>,
    /// How many bytes make the body complete, where that is known.
    expected: Option<u64>,
    pub(super) ended: bool,
    pub(super) reason: Option<String>,
}

impl Entry {
    /// Begins the entry of a request, and leaves a place in it for the identity.
    pub(super) fn begin<B>(log: Arc<Log>, request: &mut Request<B>) -> Self {
        let admitted = Admitted::default();
        request.extensions_mut().insert(admitted.clone());
        Self {
            begun: Instant::now(),
            time: log.clock.now(),
            client: request.extensions().get().copied(),
            id: log.ids.of(request.headers()),
            log,
            method: request.method().clone(),
            uri: request.uri().clone(),
            admitted,
            status: None,
            sent: 0,
            upstream: None,
            expected: None,
            ended: false,
            reason: None,
        }
    }

    /// Notes the head of the response, and puts the id into it.
    pub(super) fn answer<B: Body>(&mut self, response: &mut Response<B>) {
        let id = self.id.clone();
        response.headers_mut().insert(X_REQUEST_ID, id);
        let status = response.status();
        self.status = Some(status);
        self.reason = reason(response.extensions());
        let upstream = response.extensions().get::<UpstreamTime>();
        self.upstream = upstream.map(|time| time.duration());
        // The server takes nothing from these bodies, and drops them at once.
        let sends_no_body = self.method == Method::HEAD
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
            || response.body().is_end_stream();
        self.ended = sends_no_body;
        self.expected = response.body().size_hint().exact();
    }

    /// Notes a part of the body.
    pub(super) fn send(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        // The server does not ask for the end of a body whose length it knows.
        self.ended |= self.expected == Some(self.sent);
    }

    /// Notes the end of the body.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Notes why the body broke off.
    pub(super) fn fail(&mut self, error: &(dyn Error + 'static)) {
        self.ended = false;
        self.reason = Some(chain(error));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let line = self.log.format.line(self, self.begun.elapsed());
        (self.log.lines)(line);
    }
}

/// Why a part answered as it did, where it says so.
fn reason(extensions: &Extensions) -> Option<String> {
    let refusal = extensions.get::<RefusalReason>().map(|it| chain(it));
    let path = || extensions.get::<PathError>().map(|it| chain(it));
    let s3 = || extensions.get::<S3Error>().map(|it| chain(it));
    refusal.or_else(path).or_else(s3)
}
