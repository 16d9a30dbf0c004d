use portcullis::s3::{ContentTypes, HtmlPolicy};
use portcullis::{ConfigError, S3Proxy};

/// What the leaf of a mount does beside passing on.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProxyOptions {
    /// Whether the content types of packages are told by the ends of keys.
    pub(crate) package_types: bool,
    pub(crate) html: HtmlPolicy,
    /// The path, below the mount, of the object that is shown for a missing one.
    pub(crate) not_found: Option<String>,
    pub(crate) query_parameters: Vec<String>,
    pub(crate) response_headers: Vec<String>,
}

impl ProxyOptions {
    /// The proxy with these options.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what the proxy does not take.
    pub(crate) fn apply<C>(&self, mut proxy: S3Proxy<C>) -> Result<S3Proxy<C>, ConfigError> {
        proxy = proxy.with_html_policy(self.html);
        if self.package_types {
            proxy = proxy.with_content_types(ContentTypes::packages());
        }
        if let Some(path) = &self.not_found {
            proxy = proxy.with_not_found_document(path)?;
        }
        proxy
            .with_query_parameters(&self.query_parameters)?
            .with_response_headers(&self.response_headers)
    }
}
