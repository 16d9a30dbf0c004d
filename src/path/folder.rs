use std::fmt::Write as _;

use http::{HeaderValue, Uri};

use super::canonical::RequestPath;

/// A mark in the extensions of a request for a folder: a rewrite has completed its path by the name of the
/// index document.
///
/// Index pages are often uploaded without a type. A leaf that knows this type sends such a page as
/// `text/html`. Parts that do not know it ignore it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexDocument;

impl IndexDocument {
    /// Creates the mark.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

/// The folder that a request may mean whose path has no slash at its end.
///
/// A rewrite puts it into the extensions of a request for `/docs`. A leaf that knows this type looks for
/// the object of that name first. If it is missing and the folder has its index document, the leaf
/// redirects to the folder. Parts that do not know this type ignore it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRedirect {
    index: String,
    location: HeaderValue,
}

impl FolderRedirect {
    /// Wraps the path of the index document, which a leaf checks as it checks the request's own path, and
    /// the `Location` of the redirect.
    #[must_use]
    pub fn new(index: impl Into<String>, location: HeaderValue) -> Self {
        Self {
            index: index.into(),
            location,
        }
    }

    /// The path of the index document.
    #[must_use]
    pub fn index(&self) -> &str {
        &self.index
    }

    /// The `Location` of the redirect.
    #[must_use]
    pub fn location(&self) -> &HeaderValue {
        &self.location
    }
}

/// The relative reference from `/a/docs?q` to its folder, `./docs/?q`. It is right below any mount and
/// behind any proxy. `None` for a path that ends in a slash or is refused.
pub(crate) fn folder_location(uri: &Uri) -> Option<HeaderValue> {
    let path = RequestPath::parse(uri.path()).ok()?;
    let (_, name) = path.as_str().rsplit_once('/')?;
    if name.is_empty() {
        return None;
    }
    // With "./", no name is read as a scheme or a host.
    let mut location = format!("./{name}/");
    if let Some(query) = uri.query() {
        location.push('?');
        // A request target may have bytes that a URI must not have, but none that ends a header.
        for byte in query.bytes() {
            if byte.is_ascii() {
                location.push(char::from(byte));
            } else {
                // Writing into a `String` does not fail.
                let _ = write!(location, "%{byte:02X}");
            }
        }
    }
    HeaderValue::try_from(location).ok()
}
