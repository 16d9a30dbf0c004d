use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::response::Parts;
use http::{HeaderValue, Response};

use super::page::ErrorPage;
use crate::page;

type PageFn = dyn Fn(&ErrorPage, Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// Renders pages.
#[derive(Clone, Default)]
pub(super) struct Pages {
    replacement: Option<Arc<PageFn>>,
}

impl Pages {
    /// Passes each default page through `replacement`.
    pub(super) fn replaced_by<F>(replacement: F) -> Self
    where
        F: Fn(&ErrorPage, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        Self {
            replacement: Some(Arc::new(replacement)),
        }
    }

    /// The body of a page. Its headers join those of the refusal, which keeps its status and its extensions.
    pub(super) fn render(&self, page: &ErrorPage, head: &mut Parts) -> Bytes {
        let mut response = usual(page);
        if let Some(replacement) = &self.replacement {
            response = replacement(page, response);
        }
        let (of_page, body) = response.into_parts();
        head.headers.remove(CONTENT_LENGTH);
        for name in of_page.headers.keys() {
            // A browser obeys every policy.
            if name != CONTENT_SECURITY_POLICY {
                head.headers.remove(name);
            }
        }
        for (name, value) in &of_page.headers {
            head.headers.append(name, value.clone());
        }
        body
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

fn usual(page: &ErrorPage) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(page.html()));
    *response.status_mut() = page.status();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, html);
    if let Ok(policy) = HeaderValue::try_from(page::policy("")) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
