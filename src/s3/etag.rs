use std::fmt;

use http::HeaderValue;
#[cfg(feature = "s3-write")]
use http::{HeaderMap, header};

use crate::upstream::entity_tag;

/// The entity tag of an object: it names one version of its bytes (RFC 9110 section 8.8.3).
///
/// The quotes that some stores leave out are added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(HeaderValue);

impl ETag {
    /// Reads a tag as a store sends it, with or without quotes. `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let given = HeaderValue::from_str(text).ok()?;
        let tag = entity_tag(&given)?;
        HeaderValue::from_str(&tag).ok().map(Self)
    }

    /// The tag in the headers of an answer.
    #[cfg(feature = "s3-write")]
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        headers
            .get(header::ETAG)
            .and_then(|tag| Self::parse(tag.to_str().ok()?))
    }

    /// The tag with its quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    #[cfg(feature = "s3-write")]
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
