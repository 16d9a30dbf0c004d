use http::HeaderName;
use http::header::{CONNECTION, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};

use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::s3::AnswerRules;
use crate::upstream::QueryParameters;

/// What a proxy does beside passing on.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) answers: AnswerRules,
    pub(super) query: QueryParameters,
    /// What is shown for an object that is missing.
    pub(super) not_found: Option<ObjectKey>,
}

/// The names of headers of S3 that may pass.
pub(super) fn header_names<I>(names: I) -> Result<Vec<HeaderName>, ConfigError>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let names = names.into_iter().map(|name| {
        let name = name.as_ref();
        let wrong =
            |problem: &str| ConfigError::new("response headers", format!("{name:?} {problem}"));
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("is no name"))?;
        if is_of_the_connection(&header) {
            return Err(wrong("is of the connection to S3 alone"));
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
