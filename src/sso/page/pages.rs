use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};

use super::content::Page;
use super::document::html;
use crate::page;

type PageFn = dyn Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// Renders pages as responses.
#[derive(Clone, Default)]
pub(in crate::sso) struct Pages {
    replacement: Option<Arc<PageFn>>,
}

impl Pages {
    /// Passes each default response through `replacement`.
    pub(in crate::sso) fn replaced_by<F>(replacement: F) -> Self
    where
        F: Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        Self {
            replacement: Some(Arc::new(replacement)),
        }
    }

    pub(in crate::sso) fn response(&self, page: &Page) -> Response<Bytes> {
        let response = usual(page);
        let mut response = match &self.replacement {
            Some(replacement) => replacement(page, response),
            None => response,
        };
        // Set after the replacement, which must not lose them: the URL of a callback contains a code, and
        // a page that fails now may work the next time.
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        response
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replacement = self.replacement.as_ref().map(|_| format_args!("<fn>"));
        f.debug_struct("Pages")
            .field("replacement", &replacement)
            .finish()
    }
}

fn usual(page: &Page) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(html(page)));
    *response.status_mut() = page.status();
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::try_from(policy(page)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if page.status() == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// Chromium also applies `form-action` to the redirects after a form.
fn policy(page: &Page) -> String {
    let leads_to = page.form_leads_to().map(|origin| format!(" {origin}"));
    page::policy(&leads_to.unwrap_or_default())
}

#[cfg(test)]
mod tests;
