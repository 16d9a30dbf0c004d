use http::HeaderName;
use http::header::{CONNECTION, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};

use super::content_types::ContentTypes;
use super::html::HtmlPolicy;
use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::upstream::QueryParameters;

/// How an answer differs from S3's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct ObjectOptions {
    /// Headers of S3 that pass beside those that always do.
    pub(crate) more_headers: Vec<HeaderName>,
    pub(crate) content_types: ContentTypes,
    pub(crate) html: HtmlPolicy,
    /// The parameters of a request that reach S3.
    pub(crate) query: QueryParameters,
    /// The object that is shown for one that is missing.
    pub(crate) not_found: Option<ObjectKey>,
}

/// Reads names for [`ObjectOptions::more_headers`].
pub(crate) fn header_names<I>(names: I) -> Result<Vec<HeaderName>, ConfigError>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let names = names.into_iter().map(|name| {
        let name = name.as_ref();
        let wrong =
            |problem: &str| ConfigError::new("response headers", format!("{name:?} {problem}"));
        let header =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("is not a header name"))?;
        if is_of_the_connection(&header) {
            return Err(wrong("belongs to the connection to S3 and cannot pass"));
        }
        Ok(header)
    });
    names.collect()
}

/// RFC 9110 section 7.6.1.
fn is_of_the_connection(name: &HeaderName) -> bool {
    [
        CONNECTION,
        PROXY_AUTHENTICATE,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ]
    .contains(name)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}
