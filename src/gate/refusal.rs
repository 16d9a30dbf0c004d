use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{IntoHeaderName, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::answer::{AnswerFuture, Attachment, RefusalAnswer};
use super::challenge::Challenge;
use super::mismatch::Mismatch;
use super::reason::{RefusalDetail, RefusalKind, RefusalReason};
use crate::response::short_text;

/// A refusal: its reason, and the headers of the response.
///
/// The response has the status of the [`RefusalKind`] and a body that names it, and nothing else. The
/// [`RefusalReason`] is in the extensions of the response, for outer layers to log.
#[derive(Debug)]
pub struct Refusal {
    reason: RefusalReason,
    scope: Option<Arc<str>>,
    challenges: Vec<Challenge>,
    // Boxed, as is the answer, since every verdict has room for a refusal and few have these.
    headers: Option<Box<HeaderMap>>,
    answer: Option<Box<RefusalAnswer>>,
    /// Whether several methods add their challenges.
    is_of_several: bool,
    inherited_style: Option<RefusalStyle>,
}

impl Refusal {
    fn new(kind: RefusalKind, detail: impl Into<RefusalDetail>) -> Self {
        Self {
            reason: RefusalReason::new(kind, detail.into()),
            scope: None,
            challenges: Vec::new(),
            headers: None,
            answer: None,
            is_of_several: false,
            inherited_style: None,
        }
    }

    /// 401: there is no credential.
    #[must_use]
    pub fn missing() -> Self {
        Self::new(RefusalKind::Missing, "no credential")
    }

    /// 400: the request cannot be judged, such as one with two `Authorization` fields.
    #[must_use]
    pub fn malformed(detail: impl Into<RefusalDetail>) -> Self {
        Self::new(RefusalKind::Malformed, detail)
    }

    /// 401: the credential is invalid. `detail` is for the log and never sent to the client.
    #[must_use]
    pub fn invalid(detail: impl Into<RefusalDetail>) -> Self {
        Self::new(RefusalKind::Invalid, detail)
    }

    /// 403: the client lacks permission, and signing in would not change it.
    #[must_use]
    pub fn forbidden(detail: impl Into<RefusalDetail>) -> Self {
        Self::new(RefusalKind::Forbidden, detail)
    }

    /// 403: the client is known and lacks a scope. `scope` is the scopes that are required, separated by
    /// spaces (RFC 6750 section 3).
    #[must_use]
    pub fn insufficient_scope(scope: impl Into<Arc<str>>) -> Self {
        let mut refusal = Self::new(
            RefusalKind::InsufficientScope,
            "a required scope is missing",
        );
        refusal.scope = Some(scope.into());
        refusal
    }

    /// As [`insufficient_scope`](Self::insufficient_scope), of a client that has these scopes.
    pub(super) fn lacks_scope<'a>(scope: Arc<str>, given: impl Iterator<Item = &'a str>) -> Self {
        let given = given.collect::<Vec<_>>().join(" ");
        let given = (!given.is_empty()).then_some(&*given);
        let mismatch = Mismatch::new("the client's scope", given).with_expected([&*scope]);
        let mut refusal = Self::insufficient_scope(scope);
        refusal.reason.set_detail(mismatch);
        refusal
    }

    /// 429: the client has failed to sign in too often. Its credential is not judged before this time has
    /// passed, which is the `Retry-After` of the response, in seconds rounded up.
    #[must_use]
    pub fn too_many_failures(wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        Self::new(RefusalKind::TooManyFailures, "too many failed logins")
            .with_header(RETRY_AFTER, seconds.into())
    }

    /// 503: the credential cannot be judged now.
    #[must_use]
    pub fn unavailable(detail: impl Into<RefusalDetail>) -> Self {
        Self::new(RefusalKind::Unavailable, detail)
    }

    /// 500: the stack is built in a way that can admit no client.
    #[must_use]
    pub fn misconfigured(detail: impl Into<RefusalDetail>) -> Self {
        Self::new(RefusalKind::Misconfigured, detail)
    }

    /// Adds the error that caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.reason = self.reason.with_source(source);
        self
    }

    /// Adds a header to the response, such as `Retry-After` or a `Set-Cookie` that clears a cookie.
    ///
    /// A response that the method makes itself, such as a redirect to a sign-in page, gets the `Set-Cookie`
    /// headers alone.
    #[must_use]
    pub fn with_header(mut self, name: impl IntoHeaderName, value: HeaderValue) -> Self {
        let headers = self.headers.get_or_insert_default();
        headers.append(name, value);
        self
    }

    /// Adds a `WWW-Authenticate` line. If there is one of the same scheme and realm, the missing parameters
    /// are added to it, such as the `error` of the method that found a token.
    pub fn add_challenge(&mut self, challenge: Challenge) {
        let mut lines = self.challenges.iter_mut();
        match lines.find(|line| line.is_for_the_same_space(&challenge)) {
            Some(line) => line.complete_by(challenge),
            None => self.challenges.push(challenge),
        }
    }

    /// Answers with this response instead, such as a redirect to a sign-in page. The first call wins.
    ///
    /// A [`RefusalReason`] in the extensions of the response stays there in place of the refusal's.
    pub fn answer_with(&mut self, response: Response<Bytes>) {
        // The methods of an `AnyOf` are asked in the user's order of preference.
        self.answer
            .get_or_insert_with(|| Box::new(RefusalAnswer::Now(Box::new(response))));
    }

    /// Answers with the response of a future, like [`answer_with`](Self::answer_with). The future must own
    /// the parts of the request that it needs. It is dropped if there is an answer already.
    pub fn answer_later(
        &mut self,
        response: impl Future<Output = Response<Bytes>> + Send + 'static,
    ) {
        self.answer
            .get_or_insert_with(|| Box::new(RefusalAnswer::Later(AnswerFuture::new(response))));
    }

    /// Whether the client could have signed in by several methods, each of which adds its challenge.
    #[must_use]
    pub fn is_of_several_methods(&self) -> bool {
        self.is_of_several
    }

    pub(super) fn set_of_several_methods(&mut self) {
        self.is_of_several = true;
    }

    /// Why the request is refused.
    #[must_use]
    pub fn reason(&self) -> &RefusalReason {
        &self.reason
    }

    /// The category, short for `reason().kind()`.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        self.reason.kind()
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.reason.kind().status()
    }

    /// The scopes that are required, if one is lacking.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Whether it needs a challenge: the client is at fault, and there is neither challenge nor answer yet.
    pub(super) fn wants_challenge(&self) -> bool {
        self.status().is_client_error() && self.challenges.is_empty() && self.answer.is_none()
    }

    /// The headers from [`Refusal::with_header`].
    pub(super) fn into_headers(self) -> HeaderMap {
        self.headers.map(|headers| *headers).unwrap_or_default()
    }

    /// Replaces the detail of the reason.
    pub(super) fn explain(&mut self, detail: impl Into<RefusalDetail>) {
        self.reason.set_detail(detail);
    }

    pub(super) fn inherit_style(&mut self, style: Option<&RefusalStyle>) {
        self.inherited_style = style.cloned();
    }

    /// The answer, changed by the `style` of the gate, if any.
    pub(super) fn into_answer(
        mut self,
        head: &Parts,
        style: Option<&RefusalStyle>,
    ) -> RefusalAnswer {
        if let Some(answer) = self.answer.take() {
            let headers = self.headers.unwrap_or_default();
            let cookies = headers.get_all(SET_COOKIE).iter().cloned().collect();
            let reason = self.reason;
            return answer.with(Attachment { reason, cookies });
        }
        let plain = self.plain_response();
        let mut response = match style.or(self.inherited_style.as_ref()) {
            Some(style) => style.apply(head, &self, plain),
            None => plain,
        };
        // After the style, which may return another response.
        response.extensions_mut().insert(self.reason);
        RefusalAnswer::Now(Box::new(response))
    }

    fn plain_response(&mut self) -> Response<Bytes> {
        let mut response = short_text(self.status(), "");
        let headers = response.headers_mut();
        for challenge in &self.challenges {
            headers.append(WWW_AUTHENTICATE, challenge.header_value());
        }
        headers.extend(
            self.headers
                .take()
                .map(|headers| *headers)
                .unwrap_or_default(),
        );
        response
    }
}

type StyleFn = dyn Fn(&Parts, &Refusal, Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// The closure of [`GateLayer::with_refusal_response`](super::GateLayer::with_refusal_response).
#[derive(Clone)]
pub(super) struct RefusalStyle(Arc<StyleFn>);

impl RefusalStyle {
    pub(super) fn new<F>(style: F) -> Self
    where
        F: Fn(&Parts, &Refusal, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        Self(Arc::new(style))
    }

    pub(super) fn apply(
        &self,
        head: &Parts,
        refusal: &Refusal,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        (self.0)(head, refusal, response)
    }
}

impl fmt::Debug for RefusalStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<fn>")
    }
}
