use http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

/// What a browser may do with an uploaded page.
///
/// The scripts of a page run in the origin that the page comes from. They have the session of the
/// person who opens the page, and so can read everything else that this person may read there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HtmlPolicy {
    /// Anything. For a site whose pages are trusted.
    #[default]
    AsStored,
    /// Show it without scripts, forms and its origin: `Content-Security-Policy: sandbox` on every
    /// object.
    Sandbox,
    /// Save it: `Content-Disposition: attachment` on every object except types that no browser runs,
    /// such as images, plain text, fonts, audio and video.
    Attachment,
}

impl HtmlPolicy {
    pub(super) fn apply(self, headers: &mut HeaderMap) {
        match self {
            Self::AsStored => {}
            Self::Sandbox => {
                // Appended: a browser applies all policies, so a stored one cannot weaken this one.
                headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
            }
            Self::Attachment if is_inert(headers) => {}
            Self::Attachment => {
                // Replaces a stored `inline`. The browser takes the file name from the URL.
                let attachment = HeaderValue::from_static("attachment");
                headers.insert(CONTENT_DISPOSITION, attachment);
            }
        }
    }
}

/// Whether no browser runs anything in it. An unknown type counts as a page.
fn is_inert(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(Ok(only)), None) = (types.next().map(HeaderValue::to_str), types.next()) else {
        return false;
    };
    // Browsers take the last type of a list (Fetch standard, "extract a MIME type").
    if only.contains(',') {
        return false;
    }
    let essence = only.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("image", kind)) => !kind.contains("xml"),
        Some(("audio" | "video" | "font", _)) => true,
        Some(("text", kind)) => matches!(kind, "plain" | "css" | "csv"),
        Some(("application", kind)) => matches!(kind, "json" | "octet-stream" | "zip" | "gzip"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(policy: HtmlPolicy, content_types: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for content_type in content_types {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        policy.apply(&mut headers);
        headers.remove(CONTENT_TYPE);
        headers
    }

    #[test]
    fn only_inert_types_are_shown_in_place() {
        for (content_types, shown) in [
            (&["image/png"][..], true),
            (&["Image/PNG; a=b"], true),
            (&["text/plain; charset=utf-8"], true),
            (&["application/zip"], true),
            (&["text/html"], false),
            (&["TEXT/HTML;charset=utf-8"], false),
            (&["application/xhtml+xml"], false),
            (&["image/svg+xml"], false),
            (&["text/xml"], false),
            (&["application/pdf"], false),
            (&["multipart/x-mixed-replace"], false),
            (&["text/plain", "text/html"], false),
            (&["image/png, text/html"], false),
            (&["text/plain; charset=utf-8,text/html"], false),
            (&["nonsense"], false),
            (&[], false),
        ] {
            let headers = applied(HtmlPolicy::Attachment, content_types);
            let disposition = headers.get("content-disposition");
            assert_eq!(disposition.is_none(), shown, "{content_types:?}");
            assert!(disposition.is_none_or(|value| value == "attachment"));
            assert!(applied(HtmlPolicy::AsStored, content_types).is_empty());
            let sandboxed = applied(HtmlPolicy::Sandbox, content_types);
            assert_eq!(sandboxed["content-security-policy"], "sandbox");
        }
    }

    #[test]
    fn the_sandbox_is_added_and_the_disposition_replaced() {
        let mut headers = HeaderMap::new();
        let stored = HeaderValue::from_static("sandbox allow-scripts");
        headers.insert(CONTENT_SECURITY_POLICY, stored);
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        HtmlPolicy::Sandbox.apply(&mut headers);
        HtmlPolicy::Attachment.apply(&mut headers);
        let all = |name| headers.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(
            all(CONTENT_SECURITY_POLICY),
            ["sandbox allow-scripts", "sandbox"]
        );
        assert_eq!(all(CONTENT_DISPOSITION), ["attachment"]);
    }
}
