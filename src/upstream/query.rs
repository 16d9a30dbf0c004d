use crate::error::ConfigError;
use crate::path::encode_component_into;

/// The parameters of `GetObject` in the Amazon S3 API reference that can be allowed. No other name
/// reaches S3, so no query selects anything but the object.
const KNOWN: [&str; 7] = [
    "versionId",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
];

/// The longest query that is sent to S3, in bytes. S3 accepts 8 KB for the whole head of a request; its
/// error for a longer one would look like a fault of the gateway.
const MAX_BYTES: usize = 4096;

/// The parameters of a client's query that are sent to S3.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryParameters {
    allowed: Vec<&'static str>,
}

/// An allowed parameter is given twice, has a control character in it or is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MalformedQuery;

impl QueryParameters {
    pub(crate) fn allow<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let known = |name: &str| KNOWN.into_iter().find(|known| *known == name);
        let allowed = names.into_iter().map(|name| {
            let name = name.as_ref();
            known(name).ok_or_else(|| {
                let problem = format!("{name:?} is not one of {}", KNOWN.join(", "));
                ConfigError::new("query parameters", problem)
            })
        });
        Ok(Self {
            allowed: allowed.collect::<Result<_, _>>()?,
        })
    }

    /// The allowed parameters of a request, in one spelling; the others are left out.
    pub(crate) fn of(&self, query: Option<&str>) -> Result<String, MalformedQuery> {
        let mut sent = String::new();
        let Some(query) = query.filter(|_| !self.allowed.is_empty()) else {
            return Ok(sent);
        };
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(name) = self.allowed.iter().find(|allowed| **allowed == name) else {
                continue;
            };
            if seen.contains(&name) || value.chars().any(char::is_control) {
                return Err(MalformedQuery);
            }
            seen.push(name);
            if !sent.is_empty() {
                sent.push('&');
            }
            sent.push_str(name);
            sent.push('=');
            encode_component_into(&mut sent, value.as_bytes());
        }
        if sent.len() > MAX_BYTES {
            return Err(MalformedQuery);
        }
        Ok(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_parameters_are_sent() {
        let both = ["versionId", "response-content-type"];
        for (allowed, query, expected) in [
            (&both[..], None, Ok("")),
            (&both, Some(""), Ok("")),
            (&both, Some("versionId=a"), Ok("versionId=a")),
            (&both, Some("acl&versionId=a&uploads"), Ok("versionId=a")),
            (&both, Some("%76ersionId=a"), Ok("versionId=a")),
            (&both, Some("versionid=a"), Ok("")),
            (&both, Some("versionId"), Ok("versionId=")),
            (
                &both,
                Some("response-content-type=a/b+c%2f%3B&versionId=%26acl"),
                Ok("response-content-type=a%2Fb%20c%2F%3B&versionId=%26acl"),
            ),
            (&both, Some("versionId=a&versionId=b"), Err(MalformedQuery)),
            (&both, Some("versionId=a%0d%0ab"), Err(MalformedQuery)),
            (&both, Some("acl=a&acl=%0d"), Ok("")),
            (
                &["versionId"],
                Some("response-content-type=text/html"),
                Ok(""),
            ),
            (&[], Some("versionId=a&versionId=b"), Ok("")),
        ] {
            let parameters = QueryParameters::allow(allowed).unwrap();
            assert_eq!(
                parameters.of(query).as_deref(),
                expected.as_ref().copied(),
                "{query:?}"
            );
        }
    }

    #[test]
    fn a_query_too_long_once_encoded_is_refused() {
        let parameters = QueryParameters::allow(["versionId"]).unwrap();
        let of = |value: &str, times| {
            let query = ["versionId=", &value.repeat(times)].concat();
            parameters.of(Some(&query)).map(|sent| sent.len())
        };
        assert_eq!(of("a", 4086), Ok(4096));
        assert_eq!(of("a", 4087), Err(MalformedQuery));
        assert_eq!(of("!", 1362), Ok(4096));
        assert_eq!(of("!", 1363), Err(MalformedQuery));
    }

    #[test]
    fn parameters_that_select_cannot_be_allowed() {
        for name in [
            "acl",
            "uploads",
            "versionid",
            "",
            "X-Amz-Signature",
            "partNumber",
        ] {
            let error = QueryParameters::allow(["versionId", name]).unwrap_err();
            assert_eq!(error.setting(), "query parameters", "{name}");
        }
    }
}
