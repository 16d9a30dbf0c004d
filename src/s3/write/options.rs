use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::ConfigError;
use crate::s3::etag::ETag;

/// The number of a write, in the metadata of the object.
pub(super) const WRITE_ID: HeaderName = HeaderName::from_static("x-amz-meta-portcullis-write");
/// S3 allows 2 KB of metadata; this is for names and values of the caller.
const MAX_METADATA: usize = 1536;

/// The headers and the condition of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct WriteOptions {
    headers: HeaderMap,
    condition: Condition,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Condition {
    #[default]
    Always,
    Absent,
    Version(ETag),
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutOutcome {
    /// The object is stored, as this version.
    Stored(ETag),
    /// The object is as it was: its condition did not hold.
    PreconditionFailed,
}

impl WriteOptions {
    /// No headers, and no condition: an object that exists is replaced.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores the object only if the key has no object (`If-None-Match: *`).
    pub fn if_absent(mut self) -> Self {
        self.condition = Condition::Absent;
        self
    }

    /// Stores the object only in place of this version (`If-Match`).
    pub fn if_version(mut self, version: ETag) -> Self {
        self.condition = Condition::Version(version);
        self
    }

    /// Sets the `Content-Type` that readers get.
    pub fn with_content_type(self, value: HeaderValue) -> Self {
        self.with(CONTENT_TYPE, value)
    }

    /// Sets the `Cache-Control` that readers get.
    pub fn with_cache_control(self, value: HeaderValue) -> Self {
        self.with(CACHE_CONTROL, value)
    }

    /// Sets the `Content-Disposition` that readers get.
    pub fn with_content_disposition(self, value: HeaderValue) -> Self {
        self.with(CONTENT_DISPOSITION, value)
    }

    /// Adds metadata of the object, which S3 sends as `x-amz-meta-name`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if name or value is not one of a header, and if all metadata is longer than
    /// 1536 bytes.
    pub fn with_metadata(self, name: &str, value: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: &str| ConfigError::new("metadata", problem);
        let name = HeaderName::try_from(format!("x-amz-meta-{name}"))
            .map_err(|_| wrong("the name is not one of a header"))?;
        if !value.is_ascii() {
            return Err(wrong("the value must be ASCII"));
        }
        let value =
            HeaderValue::try_from(value).map_err(|_| wrong("the value is not one of a header"))?;
        let options = self.with(name, value);
        let metadata = options.headers.iter();
        let metadata = metadata.filter(|(name, _)| name.as_str().starts_with("x-amz-meta-"));
        let bytes: usize = metadata
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if bytes > MAX_METADATA {
            return Err(wrong("all of it must have at most 1536 bytes"));
        }
        Ok(options)
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The headers that describe the object, with the number of the write if a second try could fail because
    /// of the first: if there is a condition.
    pub(super) fn description(&self, id: &HeaderValue) -> HeaderMap {
        match self.condition {
            Condition::Always => self.headers.clone(),
            _ => self.numbered(id),
        }
    }

    /// The headers that describe the object, with the number of the write.
    pub(super) fn numbered(&self, id: &HeaderValue) -> HeaderMap {
        let mut headers = self.headers.clone();
        headers.insert(WRITE_ID, id.clone());
        headers
    }

    /// Adds the condition.
    pub(super) fn condition(&self, headers: &mut HeaderMap) {
        match &self.condition {
            Condition::Always => {}
            Condition::Absent => {
                headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
            }
            Condition::Version(version) => {
                headers.insert(IF_MATCH, version.header());
            }
        }
    }
}
