use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};

use super::content_types::ContentTypes;
use super::html::HtmlPolicy;
use crate::cache_control::private;
use crate::error::ConfigError;
use crate::path::ObjectKey;
use crate::upstream::{QueryParameters, copy_response_headers};

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

impl ObjectOptions {
    /// Makes a client's answer from S3's: the status, the headers that describe the object, and the
    /// body as it comes.
    ///
    /// `is_page` means that a browser shows it whatever its name is: an index document, or the document for
    /// missing objects. Stored without a type, it is HTML. An answer to an `authorised` request is kept
    /// out of shared caches.
    pub(super) fn describe<B>(
        &self,
        key: &ObjectKey,
        from_s3: Response<B>,
        is_page: bool,
        authorised: bool,
    ) -> Response<B> {
        let (mut head, body) = from_s3.into_parts();
        let mut headers = HeaderMap::with_capacity(16);
        copy_response_headers(&head.headers, &self.more_headers, &mut headers);
        if let Some(content_type) = self.content_types.of(key.as_str()) {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        if is_page && has_no_type(&headers) && is_named_as_page(key) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        self.html.apply(&mut headers);
        if head.status == StatusCode::NOT_MODIFIED {
            // Some stores describe the body that they leave out. Others omit its type, and a
            // disposition that was chosen without the type would replace the one that the client has.
            for name in [
                CONTENT_DISPOSITION,
                CONTENT_LENGTH,
                CONTENT_RANGE,
                CONTENT_TYPE,
            ] {
                headers.remove(name);
            }
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if authorised {
            headers.insert(CACHE_CONTROL, private(&head.headers));
            // Both: the gate may have taken the credential from either.
            headers.insert(VARY, HeaderValue::from_static("Authorization, Cookie"));
        }
        head.headers = headers;
        // That of the connection to S3, which hyper would take for the client's.
        head.version = Version::default();
        // The HTTP client's own, such as the address of S3.
        head.extensions.clear();
        Response::from_parts(head, body)
    }
}

/// Whether the object was uploaded without a type: then S3 stores the first of these, and other stores the
/// second.
fn has_no_type(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    types.all(|value| {
        let is = |other: &[u8]| value.as_bytes().trim_ascii().eq_ignore_ascii_case(other);
        is(b"binary/octet-stream") || is(b"application/octet-stream") || is(b"")
    })
}

/// Whether the name is that of a page, or of a folder that is one object.
fn is_named_as_page(key: &ObjectKey) -> bool {
    let name = key.as_str().to_ascii_lowercase();
    [".html", ".htm", "/"].iter().any(|end| name.ends_with(end))
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
