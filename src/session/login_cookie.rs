use std::time::Duration;

use http::HeaderValue;
use http::request::Parts;

use super::set_cookie::{SameSite, attributes, line};
use crate::cookies;

/// Its name at every mount of a host, which share it.
const NAME: &str = "portcullis-login";

/// Its name if pages of other sites must be able to use it. A cookie has one `SameSite`.
const NAME_ELSEWHERE: &str = "portcullis-login-none";

/// How many values are read. There is one, unless another host of the domain has set more.
const MOST_VALUES: usize = 8;

/// The cookie of a browser that signs in, shared by all its sign-ins at one host.
#[derive(Clone, Debug)]
pub(crate) struct LoginCookie {
    name: String,
    same_site: SameSite,
    is_https: Option<bool>,
}

impl LoginCookie {
    /// `is_https` is the scheme of the public URL, if it is fixed. Only `Some(true)` puts `__Host-`
    /// before the name.
    pub(crate) fn new(same_site: SameSite, is_https: Option<bool>) -> Self {
        let prefix = if is_https == Some(true) {
            "__Host-"
        } else {
            ""
        };
        let name = match same_site {
            SameSite::Lax => NAME,
            SameSite::None => NAME_ELSEWHERE,
        };
        Self {
            name: format!("{prefix}{name}"),
            same_site,
            is_https,
        }
    }

    /// Whether a session cookie of this name could be taken for it.
    pub(super) fn reserves(name: &str) -> bool {
        name.starts_with(NAME)
    }

    /// The values in a request.
    pub(crate) fn values<'a>(&'a self, head: &'a Parts) -> impl Iterator<Item = &'a str> {
        let values = cookies::pairs(head).filter_map(|pair| cookies::value_of(pair, &self.name));
        let values = values.take(MOST_VALUES);
        values.filter_map(|value| str::from_utf8(value).ok())
    }

    /// The `Set-Cookie` line that sets this base64url value.
    pub(crate) fn set(&self, value: &str, max_age: Duration, is_https: bool) -> HeaderValue {
        let is_https = self.is_https.unwrap_or(is_https);
        let attributes = attributes(max_age, is_https, self.same_site);
        line(&self.name, value, &attributes)
    }

    /// The line that clears the cookie of the request, if it has one.
    pub(crate) fn clear(&self, is_https: bool, head: &Parts) -> Option<HeaderValue> {
        let is_shown = cookies::pairs(head).any(|pair| self.is_ours(pair));
        is_shown.then(|| self.set("", Duration::ZERO, is_https))
    }

    /// Whether a pair of a `Cookie` field is this cookie.
    pub(crate) fn is_ours(&self, pair: &[u8]) -> bool {
        cookies::value_of(pair, &self.name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::COOKIE;

    use super::*;

    fn head(cookies: &str) -> Parts {
        let request = Request::get("/").header(COOKIE, cookies);
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn one_name_serves_all_mounts_of_a_host() {
        let age = Duration::from_mins(10);
        let rest = "Path=/; Max-Age=600; HttpOnly";
        for (same_site, fixed, by_request, expected) in [
            (
                SameSite::Lax,
                Some(true),
                false,
                format!("__Host-portcullis-login=v; {rest}; Secure; SameSite=Lax"),
            ),
            (
                SameSite::None,
                Some(true),
                true,
                format!("__Host-portcullis-login-none=v; {rest}; Secure; SameSite=None"),
            ),
            (
                SameSite::Lax,
                Some(false),
                true,
                format!("portcullis-login=v; {rest}; SameSite=Lax"),
            ),
            (
                SameSite::Lax,
                None,
                true,
                format!("portcullis-login=v; {rest}; Secure; SameSite=Lax"),
            ),
            (
                SameSite::None,
                None,
                false,
                format!("portcullis-login-none=v; {rest}; SameSite=Lax"),
            ),
        ] {
            let cookie = LoginCookie::new(same_site, fixed);
            let set = cookie.set("v", age, by_request);
            assert_eq!(set, expected);
            assert!(set.is_sensitive());
            let shown = head(&format!("a=b; {}=v", cookie.name));
            let cleared = cookie.clear(by_request, &shown).unwrap();
            let emptied = expected.replace("=v;", "=;").replace("600", "0");
            assert_eq!(cleared, emptied);
            assert_eq!(cookie.clear(by_request, &head("a=b")), None);
        }
    }

    #[test]
    fn every_value_is_read_up_to_a_limit() {
        let cookie = LoginCookie::new(SameSite::Lax, None);
        for (name, cookies, expected) in [
            ("none", "a=b", &[][..]),
            ("one", "a=b; portcullis-login=v", &["v"]),
            ("two", "portcullis-login=v;portcullis-login=w", &["v", "w"]),
            (
                "another",
                "portcullis-login-none=v; portcullis-logins=w",
                &[],
            ),
            ("many", &"portcullis-login=v; ".repeat(500), &["v"; 8]),
        ] {
            let head = head(cookies);
            assert_eq!(cookie.values(&head).collect::<Vec<_>>(), expected, "{name}");
        }
    }
}
