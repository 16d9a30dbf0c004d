use std::fmt;

use ::url::{Position, Url};
use http::Uri;

use crate::https_url::is_loopback;

/// Where a document may be fetched from: over `https`, or over `http` from a host that is allowed.
///
/// It has neither a user, a password nor a fragment, and prints without its query.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DocumentUrl {
    url: Url,
    uri: Uri,
    cleartext: Cleartext,
}

/// What may be fetched over `http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cleartext {
    /// Documents that the machine itself serves.
    FromLoopback,
    FromAnyHost,
}

impl DocumentUrl {
    /// Fails with a phrase that says what is wrong with the URL and does not repeat it.
    pub(crate) fn parse(text: &str, cleartext: Cleartext) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "is not an absolute URL")?;
        Self::check(url, cleartext)
    }

    fn check(url: Url, cleartext: Cleartext) -> Result<Self, &'static str> {
        let allowed = match url.scheme() {
            "https" => true,
            "http" => {
                cleartext == Cleartext::FromAnyHost || url.host_str().is_some_and(is_loopback)
            }
            _ => false,
        };
        if !allowed {
            return Err("must be https, or http to a loopback address");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not have a user or a password");
        }
        if url.fragment().is_some() {
            return Err("must not have a fragment");
        }
        let uri = url
            .as_str()
            .parse()
            .map_err(|_| "is too long, or has a byte that HTTP does not allow")?;
        Ok(Self {
            url,
            uri,
            cleartext,
        })
    }

    /// Where a `Location` leads to from here, or `None` if it must not be followed. The scheme stays the
    /// same, so that no answer leads off TLS.
    pub(crate) fn redirected(&self, location: &str) -> Option<Self> {
        let mut url = self.url.join(location).ok()?;
        url.set_fragment(None);
        let is_same = url.scheme() == self.url.scheme();
        is_same.then(|| Self::check(url, self.cleartext).ok())?
    }

    /// A URL that the document names. If the document came over TLS, the URL must be `https` too.
    pub(crate) fn named(&self, text: &str) -> Result<Self, &'static str> {
        let named = Self::parse(text, self.cleartext)?;
        if self.url.scheme() == "https" && named.url.scheme() != "https" {
            return Err("must not lead off https");
        }
        Ok(named)
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    #[cfg(feature = "sso")]
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    pub(crate) fn has_query(&self) -> bool {
        self.url.query().is_some()
    }

    /// Another path of the same host.
    pub(crate) fn with_path(&self, path: &str) -> Result<Self, &'static str> {
        let mut url = self.url.clone();
        url.set_path(path);
        Self::check(url, self.cleartext)
    }
}

impl fmt::Debug for DocumentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url[..Position::AfterPath])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEITHER: &str = "must be https, or http to a loopback address";

    #[test]
    fn a_document_comes_over_tls_or_from_loopback() {
        for (text, expected) in [
            ("https://id.example/keys", Ok(())),
            ("HTTPS://ID.example:8443/keys?tenant=a", Ok(())),
            ("http://localhost:8080/keys", Ok(())),
            ("http://127.0.0.1/keys", Ok(())),
            ("http://127.9.9.9/keys", Ok(())),
            ("http://[::1]:80/keys", Ok(())),
            ("http://id.example/keys", Err(NEITHER)),
            ("http://localhost.example/keys", Err(NEITHER)),
            ("http://127.0.0.1.example/keys", Err(NEITHER)),
            ("http://10.0.0.1/keys", Err(NEITHER)),
            ("http://0.0.0.0/keys", Err(NEITHER)),
            ("file:///etc/keys", Err(NEITHER)),
            ("ftp://id.example/keys", Err(NEITHER)),
            ("/keys", Err("is not an absolute URL")),
            ("", Err("is not an absolute URL")),
            (
                "https://u@id.example/",
                Err("must not have a user or a password"),
            ),
            (
                "https://:p@id.example/",
                Err("must not have a user or a password"),
            ),
            ("https://id.example/#", Err("must not have a fragment")),
        ] {
            let parsed = DocumentUrl::parse(text, Cleartext::FromLoopback);
            assert_eq!(parsed.map(|_| ()), expected, "{text}");
        }
        let any = DocumentUrl::parse("http://id.example/keys", Cleartext::FromAnyHost);
        assert!(any.is_ok());
        let file = DocumentUrl::parse("file:///keys", Cleartext::FromAnyHost);
        assert_eq!(file, Err(NEITHER));
    }

    #[test]
    fn no_answer_leads_off_the_scheme_or_hosts() {
        use Cleartext::{FromAnyHost, FromLoopback};
        // The URL of the answer, the `Location`, where a redirect leads to; whether a document may name it.
        for (from, cleartext, to, redirected, named) in [
            (
                "https://a/x/y",
                FromLoopback,
                "z?q#f",
                Some("https://a/x/z?q"),
                false,
            ),
            (
                "https://a/",
                FromLoopback,
                "https://b/k",
                Some("https://b/k"),
                true,
            ),
            (
                "https://a/",
                FromLoopback,
                "//b/k",
                Some("https://b/k"),
                false,
            ),
            ("https://a/", FromLoopback, "http://a/", None, false),
            ("https://a/", FromLoopback, "http://127.0.0.1/", None, false),
            ("https://a/", FromAnyHost, "http://a/", None, false),
            ("https://a/", FromLoopback, "file:///k", None, false),
            ("https://a/", FromLoopback, "https://u:p@a/", None, false),
            ("http://[::1]/", FromLoopback, "https://a/", None, true),
            (
                "http://[::1]/",
                FromLoopback,
                "http://[::1]:1/",
                Some("http://[::1]:1/"),
                true,
            ),
            ("http://[::1]/", FromLoopback, "http://a/", None, false),
            (
                "http://a/",
                FromAnyHost,
                "http://b/",
                Some("http://b/"),
                true,
            ),
        ] {
            let from = DocumentUrl::parse(from, cleartext).unwrap();
            let led = from.redirected(to).map(|url| url.uri().to_string());
            assert_eq!(led.as_deref(), redirected, "{from:?} to {to}");
            assert_eq!(from.named(to).is_ok(), named, "{from:?} names {to}");
        }
    }

    #[test]
    fn a_query_is_sent_and_not_printed() {
        let text = "https://id.example/keys?code=s3cret";
        let url = DocumentUrl::parse(text, Cleartext::FromLoopback).unwrap();
        assert_eq!(url.uri().to_string(), text);
        assert_eq!(format!("{url:?}"), "https://id.example/keys");
    }
}
