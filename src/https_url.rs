use http::Uri;

use crate::error::ConfigError;

/// Parses an absolute URL whose answers nobody on the network can forge: `https`, or `http` to a
/// loopback host.
pub(crate) fn require_https(setting: &'static str, url: &str) -> Result<Uri, ConfigError> {
    let refuse = |problem: &str| ConfigError::new(setting, problem);
    // `Uri` drops a fragment silently, and accepts more characters than RFC 3986.
    if url.contains('#') {
        return Err(refuse("has a fragment"));
    }
    if url.contains(|c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c)) {
        return Err(refuse("has a character that a URL cannot have"));
    }
    let uri: Uri = url.parse().map_err(|_| refuse("is not a URL"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(refuse("is not an absolute URL"));
    };
    if authority.as_str().contains('@') {
        return Err(refuse("has a user name"));
    }
    match scheme {
        "https" => Ok(uri),
        "http" if is_loopback(authority.host()) => Ok(uri),
        _ => Err(refuse("must be https, or http to a loopback host")),
    }
}

/// Whether the host of a URL is the loopback interface.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
