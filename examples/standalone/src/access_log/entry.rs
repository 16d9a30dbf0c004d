use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Extensions, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use portcullis::gate::RefusalReason;
use portcullis::path::PathError;
use portcullis::s3::S3Error;

use crate::error_chain::chain;

use super::escape::{Field, Quoted};
use super::identity::Admitted;

/// Where the lines go.
pub(crate) type Log = Arc<dyn Fn(String) + Send + Sync>;

/// What is known of a request. It is written when it is dropped, since that happens exactly once
/// however a request ends: at the end of its body, by an error, or by a client that went away.
pub(super) struct Entry {
    log: Log,
    begun: Instant,
    method: Method,
    uri: Uri,
    admitted: Admitted,
    status: Option<StatusCode>,
    sent: u64,
    /// How many bytes make the body complete, where that is known.
    expected: Option<u64>,
    ended: bool,
    reason: Option<String>,
}

impl Entry {
    /// Begins the entry of a request, and leaves a place in it for the identity.
    pub(super) fn begin<B>(log: Log, request: &mut Request<B>) -> Self {
        let admitted = Admitted::default();
        request.extensions_mut().insert(admitted.clone());
        Self {
            log,
            begun: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            admitted,
            status: None,
            sent: 0,
            expected: None,
            ended: false,
            reason: None,
        }
    }

    /// Notes the head of the response.
    pub(super) fn answer<B: Body>(&mut self, response: &Response<B>) {
        let status = response.status();
        self.status = Some(status);
        self.reason = reason(response.extensions());
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

    fn line(&self, took: Duration) -> String {
        let method = Field(self.method.as_str());
        let path = Field(self.uri.path());
        let status = self.status.as_ref().map_or("-", StatusCode::as_str);
        let who = Field(self.admitted.subject().unwrap_or_default());
        let (sent, took) = (self.sent, took.as_millis());
        let mut line = format!("{method} {path} {status} {sent}B {took}ms {who}");
        if !self.ended {
            line.push_str(" aborted");
        }
        if let Some(reason) = &self.reason {
            // Writing into a `String` does not fail.
            let _ = write!(line, " reason={}", Quoted(reason));
        }
        line
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        (self.log)(self.line(self.begun.elapsed()));
    }
}

/// Why a part answered as it did, where it says so.
fn reason(extensions: &Extensions) -> Option<String> {
    let refusal = extensions.get::<RefusalReason>().map(|it| chain(it));
    let path = || extensions.get::<PathError>().map(|it| chain(it));
    let s3 = || extensions.get::<S3Error>().map(|it| chain(it));
    refusal.or_else(path).or_else(s3)
}
