use std::fmt;
use std::net::Ipv6Addr;

use http::request::Parts;

use crate::client_address::{TrustedProxies, X_FORWARDED_PROTO, asked_host, only_text};
use crate::error::ConfigError;
use crate::https_url::require_https;

const SETTING: &str = "public URL";

/// The site's URL in browsers. The redirect URI, where the provider sends people back to, begins with it.
///
/// ```
/// use portcullis::sso::PublicUrl;
///
/// assert!(PublicUrl::new("https://files.example.com").is_ok());
/// assert!(PublicUrl::new("http://localhost:8000").is_ok());
/// // Anyone on the network path could sign in as anybody.
/// assert!(PublicUrl::new("http://files.example.com").is_err());
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PublicUrl {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Fixed(Origin),
    Proxies(TrustedProxies),
    Request,
}

impl PublicUrl {
    /// A fixed URL: `https`, or `http` with a loopback host.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for another scheme; for a URL with a path, a query, a user name or a
    /// fragment; and for a host that is neither an IP address nor a name of letters, digits, `-` and `_`.
    pub fn new(url: &str) -> Result<Self, ConfigError> {
        require_https(SETTING, url)?;
        Self::insecure_new_over_http(url)
    }

    /// A fixed URL, which may be `http` with any host.
    ///
    /// Anyone on the network path can read the session cookie and take over the session.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same URLs as [`new`](Self::new), except for `http`.
    pub fn insecure_new_over_http(url: &str) -> Result<Self, ConfigError> {
        let origin = Origin::of_url(url).map_err(|problem| ConfigError::new(SETTING, problem))?;
        Ok(Self {
            source: Source::Fixed(origin),
        })
    }

    /// The URL that the browser requested, as these proxies report it.
    ///
    /// A request must come from one of them, by its [`ClientAddress`](crate::client_address::ClientAddress),
    /// with one `X-Forwarded-Proto`, which is `http` or `https`, and one `X-Forwarded-Host`; without that
    /// field, its `Host` is used. Any other sign-in is answered with 400. The proxies must overwrite these
    /// fields of the client.
    pub fn from_proxies(proxies: TrustedProxies) -> Self {
        Self {
            source: Source::Proxies(proxies),
        }
    }

    /// The URL in the request itself: its `Host`, and the scheme in `X-Forwarded-Proto` or else `http`.
    ///
    /// If the server accepts any `Host`, only the provider's list of redirect URIs keeps a sign-in from
    /// ending at a host that an attacker chose.
    pub fn insecure_from_request() -> Self {
        Self {
            source: Source::Request,
        }
    }

    /// The origin that a request is for. `None` if it cannot be determined, which is answered with 400.
    pub(super) fn origin(&self, head: &Parts) -> Option<Origin> {
        match &self.source {
            Source::Fixed(origin) => Some(origin.clone()),
            Source::Proxies(proxies) => {
                let (scheme, host) = proxies.scheme_and_host(head)?;
                Origin::parse(scheme, host)
            }
            Source::Request => {
                let scheme = if head.headers.contains_key(X_FORWARDED_PROTO) {
                    only_text(head, &X_FORWARDED_PROTO)
                } else {
                    Some("http")
                };
                Origin::parse(scheme?, asked_host(head)?)
            }
        }
    }

    /// Whether it is https, if that is known without a request.
    pub(super) fn is_https(&self) -> Option<bool> {
        match &self.source {
            Source::Fixed(origin) => Some(origin.is_https),
            Source::Proxies(_) | Source::Request => None,
        }
    }
}

/// The origin of a request, for the fuzz target.
#[cfg(fuzzing)]
pub(crate) fn origin(url: &PublicUrl, head: &Parts) -> Option<String> {
    url.origin(head).map(|origin| origin.to_string())
}

/// The scheme, host and port of a site, in the spelling that browsers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    is_https: bool,
    authority: String,
}

impl Origin {
    pub(super) fn of_url(url: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = url.split_once("://").ok_or("is not an absolute URL")?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(
                "must have no path, query or fragment, as https://files.example.com has none",
            );
        }
        Self::parse(scheme, authority).ok_or("must be https or http with a valid host and port")
    }

    fn parse(scheme: &str, authority: &str) -> Option<Self> {
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port_of(port)?)),
            _ => (authority, None),
        };
        let host = canonical_host(host)?;
        let default = if is_https { 443 } else { 80 };
        let authority = match port {
            Some(port) if port != default => format!("{host}:{port}"),
            _ => host,
        };
        Some(Self {
            is_https,
            authority,
        })
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }
}

/// `https://host` or `https://host:port`, without a trailing slash.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

fn port_of(port: &str) -> Option<u16> {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|&port| is_number && port != 0)
}

/// A host in the spelling that browsers use. Internationalised names must be in their ASCII form, which
/// is what browsers send.
fn canonical_host(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let is_label = |label: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.bytes().all(is_plain)
    };
    let is_name = host.len() <= 253 && host.split('.').all(is_label);
    is_name.then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
