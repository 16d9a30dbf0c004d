use std::fmt;

use http::request::Parts;

use super::network::TrustedProxies;
use crate::error::ConfigError;

/// The URL that browsers know the site by: where it comes from.
#[derive(Clone, Debug)]
pub struct PublicUrl {}

impl PublicUrl {
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn new(url: &str) -> Result<Self, ConfigError> {
        let _ = url;
        todo!()
    }

    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn insecure_new_over_http(url: &str) -> Result<Self, ConfigError> {
        let _ = url;
        todo!()
    }

    /// What named proxies say.
    #[must_use]
    pub fn from_proxies(proxies: TrustedProxies) -> Self {
        let _ = proxies;
        todo!()
    }

    /// What anyone says.
    #[must_use]
    pub fn insecure_from_request() -> Self {
        todo!()
    }

    /// `None`: 400.
    pub(super) fn origin(&self, head: &Parts) -> Option<Origin> {
        let _ = head;
        todo!()
    }

    /// Whether it is https, where that is known before any request.
    pub(super) fn is_https(&self) -> Option<bool> {
        todo!()
    }
}

/// The scheme, host and port of a site, in the spelling that browsers have for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    is_https: bool,
    authority: String,
}

impl Origin {
    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }
}

/// `https://host`, or `https://host:port`, without a slash at the end.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}
