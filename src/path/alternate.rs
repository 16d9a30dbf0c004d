/// A second path under which the requested object may be stored.
///
/// A rewrite that cannot know which of two names the object has puts the second one into the request's
/// extensions. A leaf that knows this type tries the request's own path first. If that object is
/// missing, it answers with the alternate, unless that object is empty (an empty object whose name ends
/// in `/` is a folder marker of the S3 console). Parts that do not know this type ignore it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternatePath {
    path: String,
}

impl AlternatePath {
    /// Wraps the path of a request target. A leaf checks it as it checks the request's own path.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into() }
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }
}
