/// A second path under which the requested object may be stored.
///
/// A rewrite that is not sure which of two names the object has puts the other one into the
/// request's extensions. A leaf that knows this type tries the request's own path first; where that
/// is missing it answers with the alternate, unless the object there is empty (an object of no
/// bytes whose name ends in `/` is a folder marker of the S3 console). Parts that do not know it
/// lose nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlternatePath {
    path: String,
}

impl AlternatePath {
    /// Takes the path of a request target. A leaf judges it as it judges the request's own.
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
