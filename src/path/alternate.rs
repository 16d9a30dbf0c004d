use super::canonical::RequestPath;
use super::error::PathError;

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
    /// Takes the path of a request target.
    ///
    /// # Errors
    ///
    /// [`PathError`] for every path that the [module docs](crate::path) name as refused.
    pub fn new(path: &str) -> Result<Self, PathError> {
        let path = RequestPath::parse(path)?.into_string();
        Ok(Self { path })
    }

    /// The canonical spelling, percent-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }
}
