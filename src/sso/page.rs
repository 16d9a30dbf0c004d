use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::return_path::ReturnPath;

/// What a page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageKind {
    /// 400.
    Malformed,
    /// 403.
    Expired,
    /// 403.
    Denied,
    /// 403.
    Failed,
    /// 403.
    NotAllowed,
    /// 503.
    Unavailable,
    /// 200.
    SignOut,
    /// 200.
    SignedOut,
}

/// A page that a person sees.
#[derive(Clone, Debug)]
pub struct Page {
    kind: PageKind,
}

impl Page {
    pub(super) fn new(kind: PageKind) -> Self {
        Self { kind }
    }

    /// The question whether to sign out, with a button that posts to `action`; the answer to that may be
    /// a redirect to the provider's `end_session_url`.
    pub(super) fn sign_out(action: &str, end_session_url: Option<&str>) -> Self {
        let _ = (action, end_session_url);
        todo!()
    }

    /// Links to where the person wanted to go.
    pub(super) fn with_return_to(self, path: &ReturnPath) -> Self {
        let _ = path;
        self
    }

    /// The status of the provider's answer.
    pub(super) fn with_provider_status(self, status: StatusCode) -> Self {
        let _ = status;
        self
    }

    /// The `error` that the provider sent the browser back with; forgotten unless it is registered.
    pub(super) fn with_provider_error(self, code: &str) -> Self {
        let _ = code;
        self
    }

    /// What it tells.
    #[must_use]
    pub fn kind(&self) -> PageKind {
        self.kind
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        todo!()
    }

    /// Where the person wanted to go: a path of this site.
    #[must_use]
    pub fn return_to(&self) -> Option<&str> {
        todo!()
    }

    /// The status that the provider answered with.
    #[must_use]
    pub fn provider_status(&self) -> Option<StatusCode> {
        todo!()
    }

    /// The registered error code that the provider sent the browser back with.
    #[must_use]
    pub fn provider_error(&self) -> Option<&'static str> {
        todo!()
    }
}

type PageFn = dyn Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync;

/// Makes responses of pages.
#[derive(Clone, Default)]
pub(super) struct Pages {
    replacement: Option<Arc<PageFn>>,
}

impl Pages {
    pub(super) fn replaced_by<F>(replacement: F) -> Self
    where
        F: Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        Self {
            replacement: Some(Arc::new(replacement)),
        }
    }

    pub(super) fn response(&self, page: &Page) -> Response<Bytes> {
        let _ = page;
        todo!()
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pages(..)")
    }
}
