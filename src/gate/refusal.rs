use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{IntoHeaderName, SET_COOKIE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::answer::{AnswerFuture, Attachment, RefusalAnswer};
use super::challenge::Challenge;
use super::reason::{RefusalKind, RefusalReason};
use crate::response::short_text;

/// A refusal: its reason, and the headers of the response that tells the client.
///
/// The response has the status of its [`RefusalKind`] and a body that names the status and nothing
/// else. The [`RefusalReason`] is in the extensions of the response, for outer layers to log.
#[derive(Debug)]
pub struct Refusal {
    reason: RefusalReason,
    scope: Option<Arc<str>>,
    challenges: Vec<Challenge>,
    // Boxed, as what follows, since a refusal is part of every verdict, and few have any.
    headers: Option<Box<HeaderMap>>,
    answer: Option<Box<RefusalAnswer>>,
    /// Whether several methods word it, each of them.
    is_of_several: bool,
    inherited_style: Option<RefusalStyle>,
}

impl Refusal {
    fn new(kind: RefusalKind, detail: &'static str) -> Self {
        Self {
            reason: RefusalReason::new(kind, detail),
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

    /// 400: the request is not one that can be judged, such as one with two `Authorization` fields.
    #[must_use]
    pub fn malformed(detail: &'static str) -> Self {
        Self::new(RefusalKind::Malformed, detail)
    }

    /// 401: the credential is not good. `detail` goes to the log, never to the client.
    #[must_use]
    pub fn invalid(detail: &'static str) -> Self {
        Self::new(RefusalKind::Invalid, detail)
    }

    /// 403: the client is known, or need not be, and may not have this.
    #[must_use]
    pub fn forbidden(detail: &'static str) -> Self {
        Self::new(RefusalKind::Forbidden, detail)
    }

    /// 403: the client is known and lacks a scope. `scope` is what is needed, as RFC 6750 section 3
    /// writes it: scope tokens with spaces between.
    #[must_use]
    pub fn insufficient_scope(scope: impl Into<Arc<str>>) -> Self {
        let mut refusal = Self::new(RefusalKind::InsufficientScope, "a scope is lacking");
        refusal.scope = Some(scope.into());
        refusal
    }

    /// 503: the credential cannot be judged now.
    #[must_use]
    pub fn unavailable(detail: &'static str) -> Self {
        Self::new(RefusalKind::Unavailable, detail)
    }

    /// 500: the stack is put together in a way that can admit nobody.
    #[must_use]
    pub fn misconfigured(detail: &'static str) -> Self {
        Self::new(RefusalKind::Misconfigured, detail)
    }

    /// Adds the error that caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.reason = self.reason.with_source(source);
        self
    }

    /// Adds a header to the response, such as `Retry-After` or a `Set-Cookie` that clears.
    ///
    /// Where a method answers for itself, as with a redirect to a sign-in page, `Set-Cookie` alone goes
    /// on its answer.
    #[must_use]
    pub fn with_header(mut self, name: impl IntoHeaderName, value: HeaderValue) -> Self {
        let headers = self.headers.get_or_insert_default();
        headers.append(name, value);
        self
    }

    /// Adds a `WWW-Authenticate` line. Where there is one with its scheme and realm, that one gains the
    /// parameters that it lacks, such as the `error` of the one method among several that found a token.
    pub fn add_challenge(&mut self, challenge: Challenge) {
        let mut lines = self.challenges.iter_mut();
        match lines.find(|line| line.is_for_the_same_space(&challenge)) {
            Some(line) => line.complete_by(challenge),
            None => self.challenges.push(challenge),
        }
    }

    /// Answers with this response instead, such as a redirect to a sign-in page. The first one
    /// counts.
    ///
    /// A [`RefusalReason`] in its extensions stays there in place of the refusal's.
    pub fn answer_with(&mut self, response: Response<Bytes>) {
        // The methods of an `AnyOf` are asked in order, and the order is the user's preference.
        self.answer
            .get_or_insert_with(|| Box::new(RefusalAnswer::Now(Box::new(response))));
    }

    /// Answers with the response of a future, which owns what it needs of the request; else as
    /// [`answer_with`](Self::answer_with). A future that comes after another answer is dropped.
    pub fn answer_later(
        &mut self,
        response: impl Future<Output = Response<Bytes>> + Send + 'static,
    ) {
        self.answer
            .get_or_insert_with(|| Box::new(RefusalAnswer::Later(AnswerFuture::new(response))));
    }

    /// Whether the method that is asked to word it is one of several by which the client could have
    /// signed in.
    #[must_use]
    pub fn is_of_several_methods(&self) -> bool {
        self.is_of_several
    }

    pub(super) fn set_of_several_methods(&mut self) {
        self.is_of_several = true;
    }

    /// Why.
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

    /// The scope that is needed, where one is lacking.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Whether a challenge is due: the client's fault, and nothing there that tells it what to do.
    pub(super) fn wants_challenge(&self) -> bool {
        self.status().is_client_error() && self.challenges.is_empty() && self.answer.is_none()
    }

    /// The headers that were set by [`Refusal::with_header`].
    pub(super) fn into_headers(self) -> HeaderMap {
        self.headers.map(|headers| *headers).unwrap_or_default()
    }

    /// Says why a credential is missing from a request that has an identity already.
    pub(super) fn blame_outer_gate(&mut self) {
        if self.kind() == RefusalKind::Missing {
            self.reason.set_detail(
                "no credential: a gate further out has admitted the request and taken it",
            );
        }
    }

    pub(super) fn inherit_style(&mut self, style: Option<&RefusalStyle>) {
        self.inherited_style = style.cloned();
    }

    /// The answer, worded by `style` where the gate has one.
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
        // After the style, so that no style can lose it.
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
