use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::given::{Given, SettingError};

/// What the gateway sets itself: how an answer is framed, where it leads, and who may keep it.
const OWN: [HeaderName; 15] = [
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::DATE,
    header::ETAG,
    header::LOCATION,
    header::SET_COOKIE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::VARY,
    header::WWW_AUTHENTICATE,
];

/// Headers of every response of a mount, refusals too.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResponseHeaders {
    headers: HeaderMap,
}

impl ResponseHeaders {
    /// Judges lines such as `X-Frame-Options: DENY`.
    pub(super) fn judge(lines: &[Given]) -> Result<Self, SettingError> {
        let mut headers = HeaderMap::new();
        for given in lines {
            let line = given.value.split_once(':');
            let (name, value) = line
                .ok_or_else(|| given.wrong("must be a line such as \"X-Frame-Options: DENY\""))?;
            let name = HeaderName::try_from(name);
            let name = name.map_err(|_| given.wrong("begins with what is no name of a header"))?;
            if OWN.contains(&name) {
                return Err(given.wrong(format_args!("{name} is set by the gateway itself")));
            }
            let value = HeaderValue::try_from(value.trim());
            let value = value.map_err(|_| given.wrong("has a value with a control character"))?;
            headers.append(name, value);
        }
        Ok(Self { headers })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Replaces headers of the same names. A content security policy is added: a browser obeys each.
    pub(crate) fn set(&self, headers: &mut HeaderMap) {
        for name in self.headers.keys() {
            if name != header::CONTENT_SECURITY_POLICY {
                headers.remove(name);
            }
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::Source;

    fn judged(lines: &[&str]) -> Result<ResponseHeaders, SettingError> {
        let given = lines.iter().map(|line| Given {
            value: (*line).to_owned(),
            source: Source::Default("response_headers"),
        });
        ResponseHeaders::judge(&given.collect::<Vec<_>>())
    }

    #[test]
    fn lines_are_names_and_values() {
        for (line, accepted) in [
            ("Strict-Transport-Security: max-age=31536000", true),
            ("x-empty:", true),
            ("Link: <https://a.test/>; rel=preconnect", true),
            ("Strict-Transport-Security", false),
            ("X Frame: DENY", false),
            (": DENY", false),
            ("X-A: b\r\nX-C: d", false),
            ("cache-control: public", false),
            ("Content-Length: 1", false),
            ("Set-Cookie: a=b", false),
        ] {
            assert_eq!(judged(&[line]).is_ok(), accepted, "{line}");
        }
    }

    #[test]
    fn headers_are_replaced_and_policies_added() {
        let ours = judged(&[
            "X-Frame-Options: DENY",
            "Content-Security-Policy: default-src 'self'",
            "X-Two: a",
            "X-Two: b",
        ]);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-frame-options", "SAMEORIGIN"),
            ("content-security-policy", "sandbox"),
            ("etag", "\"v1\""),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        ours.unwrap().set(&mut headers);
        let all = |name: &str| headers.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(all("x-frame-options"), ["DENY"]);
        assert_eq!(
            all("content-security-policy"),
            ["sandbox", "default-src 'self'"]
        );
        assert_eq!(all("x-two"), ["a", "b"]);
        assert_eq!(all("etag"), ["\"v1\""]);
    }
}
