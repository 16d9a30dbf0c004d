use std::time::Duration;

use http::HeaderValue;

/// When a browser sends the session cookie with a request that another site caused.
///
/// There is no `Strict`: people come back from the provider, which is another site, and would arrive
/// without their session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// When a link is followed.
    Lax,
    /// Always, for files that pages of other sites embed. It needs https; if the scheme is only known
    /// from the request, requests over http are answered with `Lax`. The gate still refuses unsafe
    /// methods from other sites.
    None,
}

pub(super) fn attributes(max_age: Duration, is_https: bool, same_site: SameSite) -> String {
    // Browsers reject `None` without `Secure`.
    let (secure, same_site) = match (is_https, same_site) {
        (true, SameSite::None) => ("; Secure", "None"),
        (true, SameSite::Lax) => ("; Secure", "Lax"),
        (false, _) => ("", "Lax"),
    };
    format!(
        "; Path=/; Max-Age={}; HttpOnly{secure}; SameSite={same_site}",
        max_age.as_secs(),
    )
}

pub(super) fn line(name: &str, value: &str, attributes: &str) -> HeaderValue {
    let line = format!("{name}={value}{attributes}");
    let mut line = HeaderValue::try_from(line).expect("a token, base64url and numbers");
    line.set_sensitive(true);
    line
}
