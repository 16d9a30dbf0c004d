use http::{StatusCode, Uri};

use super::kind::PageKind;
use crate::sso::return_path::ReturnPath;

/// The error codes of RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6, and the others that
/// IANA registers for authorization endpoints (OAuth Extensions Errors).
const REGISTERED_ERRORS: [&str; 19] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_authorization_details",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "invalid_target",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_response_type",
];

/// The content of a page that a person sees, for applications that render their own.
#[derive(Clone, Debug)]
pub struct Page {
    kind: PageKind,
    return_to: Option<ReturnPath>,
    provider_status: Option<StatusCode>,
    provider_error: Option<&'static str>,
    sign_out_path: Option<String>,
    /// The origin that posting the form may redirect to, besides this site.
    form_leads_to: Option<String>,
}

impl Page {
    pub(in crate::sso) fn new(kind: PageKind) -> Self {
        Self {
            kind,
            return_to: None,
            provider_status: None,
            provider_error: None,
            sign_out_path: None,
            form_leads_to: None,
        }
    }

    /// The page that asks whether to sign out, with a button that posts to `path`. The answer to the POST
    /// may be a redirect to the provider's `end_session_url`.
    pub(in crate::sso) fn sign_out(path: &str, end_session_url: Option<&str>) -> Self {
        Self {
            sign_out_path: Some(path.to_owned()),
            form_leads_to: end_session_url.and_then(origin_of),
            ..Self::new(PageKind::SignOut)
        }
    }

    /// Links to where the person wanted to go.
    pub(in crate::sso) fn with_return_to(mut self, path: &ReturnPath) -> Self {
        self.return_to = Some(path.clone());
        self
    }

    /// Sets the status of the provider's answer to the gateway.
    pub(in crate::sso) fn with_provider_status(mut self, status: StatusCode) -> Self {
        self.provider_status = Some(status);
        self
    }

    /// Sets the `error` of the callback. Anybody can craft a link with any text, so only registered codes
    /// are kept.
    pub(in crate::sso) fn with_provider_error(mut self, code: &str) -> Self {
        let mut registered = REGISTERED_ERRORS.into_iter();
        self.provider_error = registered.find(|registered| *registered == code);
        self
    }

    /// The kind of the page.
    #[must_use]
    pub fn kind(&self) -> PageKind {
        self.kind
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// Where the person wanted to go, if known: a path of this site with its query.
    #[must_use]
    pub fn return_to(&self) -> Option<&str> {
        self.return_to.as_ref().map(ReturnPath::as_str)
    }

    /// The status of the provider's answer to the gateway, if that is why the sign-in failed.
    #[must_use]
    pub fn provider_status(&self) -> Option<StatusCode> {
        self.provider_status
    }

    /// The error code of the callback, if it is a registered one.
    #[must_use]
    pub fn provider_error(&self) -> Option<&'static str> {
        self.provider_error
    }

    /// The path that the button of [`PageKind::SignOut`] posts to.
    #[must_use]
    pub fn sign_out_path(&self) -> Option<&str> {
        self.sign_out_path.as_deref()
    }

    pub(super) fn form_leads_to(&self) -> Option<&str> {
        self.form_leads_to.as_deref()
    }
}

/// The scheme, host and port of a URL, as in a Content-Security-Policy.
fn origin_of(url: &str) -> Option<String> {
    let url: Uri = url.parse().ok()?;
    // `None` if the text could be more than one host in a policy.
    let authority = url.authority()?.as_str();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    let is_host = authority.chars().all(is_plain);
    is_host.then(|| format!("{}://{authority}", url.scheme_str().unwrap_or("https")))
}
