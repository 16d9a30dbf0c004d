use http::StatusCode;

use crate::page;

/// The content of a page, for applications that render their own.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    status: StatusCode,
    request_id: Option<String>,
}

impl ErrorPage {
    /// `None` for a status that has no page.
    pub(super) fn new(status: StatusCode, request_id: Option<String>) -> Option<Self> {
        let has_page = matches!(status.as_u16(), 401 | 403 | 404 | 429 | 502 | 503 | 504);
        has_page.then_some(Self { status, request_id })
    }

    /// The status of the response: 401, 403, 404, 429, 502, 503 or 504.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The request id, which may be one that the client has chosen: letters, digits, `.`, `_` and `-`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    pub(super) fn html(&self) -> String {
        let (title, text) = self.words();
        let (target, label) = self.way_on();
        let id = self.request_id.as_deref().map_or_else(String::new, |id| {
            let id = page::escaped(id);
            format!("<p>If you report this, mention <code>{id}</code>.</p>\n")
        });
        let action = format!("<a href=\"{target}\">{label}</a>\n");
        page::html(title, text, &[id, action].concat())
    }

    /// What happened and what to do.
    fn words(&self) -> (&'static str, &'static str) {
        match self.status.as_u16() {
            401 => (
                "You are not signed in",
                "This page can only be seen after signing in.",
            ),
            403 => (
                "You do not have access",
                "You may not see this page. If you should, ask the people who run this site.",
            ),
            404 => (
                "This page does not exist",
                "The address may be mistyped, or the page may have been removed.",
            ),
            429 => (
                "Too many requests",
                "This site has had too many requests from you or your network. Please wait a moment.",
            ),
            _ => (
                "This page is not available right now",
                "This site, or a service behind it, cannot answer. Please try again in a moment.",
            ),
        }
    }

    /// A link, and its label. The empty reference is the page itself, which asks for a login again.
    fn way_on(&self) -> (&'static str, &'static str) {
        match self.status.as_u16() {
            401 => ("", "Sign in"),
            404 => ("/", "Go to the start page"),
            _ => ("", "Try again"),
        }
    }
}
