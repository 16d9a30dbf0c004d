use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::note::SignInNote;
use super::page::{Page, PageKind, Pages};
use super::provider::{ProviderError, ProviderErrorKind};
use super::return_path::ReturnPath;
use super::trouble::{BeginError, Trouble};
use crate::gate::{Refusal, RefusalReason};
use crate::session::SessionStoreError;

/// A redirect with cookies.
pub(super) fn redirect(location: &str, cookies: Vec<HeaderValue>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    let location = HeaderValue::from_str(location).expect("URLs are ASCII");
    response.headers_mut().insert(LOCATION, location);
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    keep_private(response.headers_mut());
    response
}

/// Keeps the answer out of caches and its URL, which may contain a code, out of `Referer`.
pub(super) fn keep_private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// A failed sign-in: a page for the person, and a reason for the log.
#[derive(Debug)]
pub(super) struct Failure {
    page: Box<Page>,
    reason: RefusalReason,
    cookies: Vec<HeaderValue>,
}

impl Failure {
    pub(super) fn new(page: Page, refusal: &Refusal) -> Self {
        Self {
            page: Box::new(page),
            reason: refusal.reason().clone(),
            cookies: Vec::new(),
        }
    }

    /// The request is malformed.
    pub(super) fn malformed(detail: &'static str) -> Self {
        let page = Page::new(PageKind::Malformed);
        Self::new(page, &Refusal::malformed(detail))
    }

    /// The sign-in is unknown or has expired.
    pub(super) fn expired(detail: &'static str) -> Self {
        let page = Page::new(PageKind::Expired);
        Self::new(page, &Refusal::forbidden(detail))
    }

    /// The provider sent the browser back with this error code.
    pub(super) fn denied(error: &str) -> Self {
        let page = Page::new(PageKind::Denied).with_provider_error(error);
        Self::new(
            page,
            &Refusal::forbidden("the provider refused the sign-in"),
        )
    }

    /// The person is not on the allow-list.
    pub(super) fn not_allowed(detail: &'static str, note: Option<SignInNote>) -> Self {
        let page = Page::new(PageKind::NotAllowed);
        let refusal = Refusal::forbidden(detail);
        Self::new(page, &note.into_iter().fold(refusal, Refusal::with_source))
    }

    /// The provider did not answer, or its answer was rejected.
    pub(super) fn of_provider(error: ProviderError) -> Self {
        let (kind, refusal) = if is_trouble(error.kind()) {
            let refusal = Refusal::unavailable("the provider is unavailable");
            (PageKind::Unavailable, refusal)
        } else {
            let refusal = Refusal::forbidden("the provider's answer was rejected");
            (PageKind::Failed, refusal)
        };
        let mut page = Page::new(kind);
        if let Some(status) = error.status() {
            page = page.with_provider_status(status);
        }
        Self::new(page, &refusal.with_source(error))
    }

    /// A session cannot be checked now, whatever status the provider answered with.
    pub(super) fn of_trouble(trouble: Trouble) -> Self {
        let mut page = Page::new(PageKind::Unavailable);
        if let Trouble::Provider(error) = &trouble
            && let Some(status) = error.status()
        {
            page = page.with_provider_status(status);
        }
        let refusal = Refusal::unavailable("the session cannot be checked now");
        Self::new(page, &refusal.with_source(trouble))
    }

    /// The session store failed.
    pub(super) fn of_store(error: SessionStoreError) -> Self {
        let refusal = Refusal::unavailable("the session store failed").with_source(error);
        Self::new(Page::new(PageKind::Unavailable), &refusal)
    }

    /// Too many sign-ins are being completed.
    pub(super) fn busy() -> Self {
        let refusal = Refusal::unavailable("too many sign-ins are being completed");
        Self::new(Page::new(PageKind::Unavailable), &refusal)
    }

    /// No session could be created.
    pub(super) fn of_begin(error: BeginError) -> Self {
        match error {
            BeginError::Store(error) => Self::of_store(error),
            BeginError::TooLarge => {
                let refusal = Refusal::forbidden("the session does not fit into the cookie");
                Self::new(Page::new(PageKind::Failed), &refusal)
            }
        }
    }

    /// Sessions are created and then not found.
    pub(super) fn lost(detail: &'static str) -> Self {
        let page = Page::new(PageKind::Failed);
        Self::new(page, &Refusal::forbidden(detail))
    }

    /// Links the page to where the person wanted to go.
    pub(super) fn with_return_to(mut self, path: &ReturnPath) -> Self {
        *self.page = self.page.clone().with_return_to(path);
        self
    }

    pub(super) fn with_cookie(mut self, cookie: HeaderValue) -> Self {
        self.cookies.push(cookie);
        self
    }

    pub(super) fn response(self, pages: &Pages) -> Response<Bytes> {
        let mut response = pages.response(&self.page);
        for cookie in self.cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response.extensions_mut().insert(self.reason);
        response
    }
}

/// Whether a provider's error may be temporary.
fn is_trouble(kind: ProviderErrorKind) -> bool {
    match kind {
        ProviderErrorKind::Unreachable | ProviderErrorKind::Metadata => true,
        ProviderErrorKind::Status(status) => {
            !status.is_client_error() || status == StatusCode::TOO_MANY_REQUESTS
        }
        ProviderErrorKind::Malformed
        | ProviderErrorKind::InvalidGrant
        | ProviderErrorKind::Denied
        | ProviderErrorKind::IdToken
        | ProviderErrorKind::Issuer => false,
    }
}
