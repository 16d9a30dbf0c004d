use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::{Method, Request, Uri};

use crate::given::{Given, SettingError};

/// Headers of a request that a script may set, beside those that it always may.
const REQUEST_HEADERS: &str = "Authorization, If-Match, If-Modified-Since, If-None-Match, If-Range, \
                               If-Unmodified-Since, Range, X-Request-Id";

/// Headers of an answer that a script may read, beside those that it always may.
const RESPONSE_HEADERS: &str = "Accept-Ranges, Content-Disposition, Content-Encoding, Content-Range, ETag, \
                                Retry-After, WWW-Authenticate, X-Request-Id";

/// How long a browser may keep the answer to a preflight, in seconds. Chromium keeps none longer.
const MAX_AGE: &str = "7200";

/// The origins whose scripts may read a mount: the CORS protocol of the Fetch standard.
///
/// tower-http's `CorsLayer` answers any OPTIONS, also of other origins and without the headers of a
/// preflight, so that a gate inside would not see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cors {
    origins: Arc<[HeaderValue]>,
}

impl Cors {
    /// Judges origins such as `https://app.example.com`, or `*` alone.
    pub(super) fn judge(origins: &[Given]) -> Result<Self, SettingError> {
        let parsed: Result<_, _> = origins.iter().map(origin).collect();
        match origins.iter().find(|given| given.value == "*") {
            Some(given) if origins.len() > 1 => Err(given.wrong("\"*\" must be the only origin")),
            _ => Ok(Self { origins: parsed? }),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    /// The value of `Access-Control-Allow-Origin`, if the page that asks is of an allowed origin.
    ///
    /// That for all origins is also for requests without an origin, such as those of `<img>`: a browser gives
    /// their answers to scripts from its cache (Fetch standard, "CORS protocol and HTTP caches").
    pub(crate) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if let Some(all) = self.origins.iter().find(|it| *it == "*") {
            return Some(all.clone());
        }
        let mut asking = headers.get_all(ORIGIN).iter();
        let (Some(asking), None) = (asking.next(), asking.next()) else {
            return None;
        };
        let mut origins = self.origins.iter();
        origins.find(|it| *it == asking).cloned()
    }

    /// Adds the headers of any answer to a page of an `allowed` origin. Other answers say that they depend on
    /// the origin too, so that no cache gives one to the other.
    pub(crate) fn set(&self, allowed: Option<HeaderValue>, headers: &mut HeaderMap) {
        if self.origins.iter().any(|it| it != "*") {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = allowed else { return };
        // A browser sends neither cookies nor remembered passwords to a mount that allows all origins.
        if origin != "*" {
            let with_credentials = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, with_credentials);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(RESPONSE_HEADERS);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// Whether a browser asks what a script may do. It never sends a credential then.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let has = |name| request.headers().contains_key(name);
    *request.method() == Method::OPTIONS && has(ORIGIN) && has(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds the headers of the answer to a preflight.
pub(crate) fn permit(headers: &mut HeaderMap) {
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
        (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// An origin in the spelling of browsers, with which it is compared byte for byte.
fn origin(given: &Given) -> Result<HeaderValue, SettingError> {
    let value = &given.value;
    if value == "*" {
        return Ok(HeaderValue::from_static("*"));
    }
    let wrong = || {
        given.wrong(format_args!(
            "{value:?} is not an origin as browsers send it, such as https://app.example.com: in lower case, \
             without a path, and without the port if that is the scheme's own"
        ))
    };
    let uri: Uri = value.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong());
    };
    let own_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return Err(wrong()),
    };
    let is_plain = *value == format!("{scheme}://{authority}").to_ascii_lowercase()
        && !authority.as_str().contains(['@', '*'])
        && authority.port_u16() != Some(own_port);
    let is_plain = is_plain && authority.port().is_some() == has_port(authority.as_str());
    let parsed = HeaderValue::try_from(value).ok().filter(|_| is_plain);
    parsed.ok_or_else(wrong)
}

/// Whether something follows the host, if only a colon.
fn has_port(authority: &str) -> bool {
    let after_ip = authority
        .rsplit_once(']')
        .map_or(authority, |(_, after)| after);
    after_ip.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::Source;

    fn judged(origins: &[&str]) -> Result<Cors, SettingError> {
        let given = origins.iter().map(|origin| Given {
            value: (*origin).to_owned(),
            source: Source::Default("cors_origins"),
        });
        Cors::judge(&given.collect::<Vec<_>>())
    }

    #[test]
    fn an_origin_is_spelled_as_browsers_do() {
        for (origin, accepted) in [
            ("https://app.example.com", true),
            ("http://localhost:3000", true),
            ("http://[::1]:3000", true),
            ("http://[::1]", true),
            ("*", true),
            ("https://app.example.com/", false),
            ("https://app.example.com/x", false),
            ("https://App.example.com", false),
            ("https://app.example.com:443", false),
            ("http://app.example.com:80", false),
            ("https://app.example.com:", false),
            ("https://a@app.example.com", false),
            ("https://*.example.com", false),
            ("app.example.com", false),
            ("ftp://app.example.com", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(judged(&[origin]).is_ok(), accepted, "{origin}");
        }
        assert!(judged(&["https://a.test", "*"]).is_err());
        assert!(judged(&["https://a.test", "https://b.test"]).is_ok());
    }

    #[test]
    fn only_an_allowed_origin_may_read() {
        let these = judged(&["https://a.test", "https://b.test"]).unwrap();
        let all = judged(&["*"]).unwrap();
        for (cors, asking, origin, credentials, vary) in [
            (
                &these,
                &["https://a.test"][..],
                Some("https://a.test"),
                true,
                true,
            ),
            (
                &these,
                &["https://b.test"],
                Some("https://b.test"),
                true,
                true,
            ),
            (&these, &["https://a.test.evil"], None, false, true),
            (&these, &["http://a.test"], None, false, true),
            (&these, &["null"], None, false, true),
            (
                &these,
                &["https://a.test", "https://b.test"],
                None,
                false,
                true,
            ),
            (&these, &[], None, false, true),
            (&all, &["https://evil.test"], Some("*"), false, false),
            (&all, &[], Some("*"), false, false),
        ] {
            let asking = asking
                .iter()
                .map(|it| (ORIGIN, HeaderValue::from_static(it)));
            let asking: HeaderMap = asking.collect();
            let mut answer = HeaderMap::new();
            cors.set(cors.allowed(&asking), &mut answer);
            let text = |name| answer.get(name).map(|it| it.to_str().unwrap());
            assert_eq!(text(ACCESS_CONTROL_ALLOW_ORIGIN), origin, "{asking:?}");
            let found = text(ACCESS_CONTROL_ALLOW_CREDENTIALS).is_some();
            assert_eq!(found, credentials, "{asking:?}");
            assert_eq!(text(VARY).is_some(), vary, "{asking:?}");
        }
    }
}
