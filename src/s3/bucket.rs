use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::aws::Region;
use crate::error::ConfigError;
use crate::path::{KeyPrefix, ObjectKey};
use crate::upstream::BoxError;

/// The address of a bucket, and the prefix of the keys in it that are served.
///
/// On AWS, a bucket is addressed by its host name, `https://name.s3.region.amazonaws.com/key`. A name
/// with a dot, an underscore or an upper-case letter, which no host can have or no certificate covers, is
/// put into the path. So is the name on any other endpoint: `http://endpoint/name/key`.
///
/// ```
/// use portcullis::s3::Bucket;
///
/// let on_aws = Bucket::new("wheels/packages", "eu-west-1")?;
/// let on_site = Bucket::new("wheels", "us-east-1")?.with_endpoint("http://127.0.0.1:8333")?;
/// assert!(Bucket::new("wheels", "us-east-1")?.with_endpoint("127.0.0.1:8333").is_err());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Bucket {
    name: String,
    region: Region,
    prefix: KeyPrefix,
    scheme: Scheme,
    /// Scheme and host of the service, without the bucket.
    endpoint: Authority,
    style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    VirtualHost,
    Path,
}

impl Bucket {
    /// A bucket of AWS; `location` is its name, or `name/prefix`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the name does not have 3 to 63 letters, digits, `.`, `-` or `_`, or if
    /// [`Region::new`] or [`KeyPrefix::new`] refuses the rest.
    pub fn new(location: &str, region: impl Into<String>) -> Result<Self, ConfigError> {
        let (name, prefix) = location.split_once('/').unwrap_or((location, ""));
        let region = Region::new(region)?;
        check_name(name)?;
        let domain = if region.as_str().starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        let endpoint = Authority::try_from(format!("s3.{region}.{domain}"))
            .map_err(|error| ConfigError::new("region", error.to_string()))?;
        Ok(Self {
            name: name.to_owned(),
            region,
            prefix: KeyPrefix::new(prefix)?,
            scheme: Scheme::HTTPS,
            endpoint,
            style: if is_host_label(name) {
                Style::VirtualHost
            } else {
                Style::Path
            },
        })
    }

    /// Serves only keys below `prefix`, which is appended to the present prefix.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if [`KeyPrefix::new`] refuses the prefix.
    pub fn with_prefix(mut self, prefix: &str) -> Result<Self, ConfigError> {
        self.prefix = self.prefix.join(prefix)?;
        Ok(self)
    }

    /// Uses another service than AWS, with the bucket's name in the path. The URL consists of `http` or
    /// `https`, a host and optionally a port.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there is anything else in the URL.
    pub fn with_endpoint(mut self, url: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: &str| ConfigError::new("endpoint", problem);
        let parts = url
            .parse::<Uri>()
            .map_err(|_| wrong("is not a URL"))?
            .into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(wrong("must begin with http:// or https:// and name a host"));
        };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(wrong("must begin with http:// or https://"));
        }
        if authority.as_str().contains('@') {
            return Err(wrong("must not have a user name or a password"));
        }
        // The parser drops a fragment, so it is searched for in the given text.
        if parts.path_and_query.is_some_and(|rest| rest != "/") || url.contains('#') {
            return Err(wrong("must not have a path, a query or a fragment"));
        }
        let port = authority
            .as_str()
            .strip_prefix(authority.host())
            .unwrap_or_default();
        if authority.host().is_empty() || !(port.is_empty() || is_port(port)) {
            return Err(wrong("must name a host, and a port from 1 to 65535 if any"));
        }
        (self.scheme, self.endpoint, self.style) = (scheme, authority, Style::Path);
        Ok(self)
    }

    /// Addresses the bucket by its host name: `https://name.endpoint/key`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the endpoint is an IP address, which has no host names below it.
    pub fn with_virtual_host_style(mut self) -> Result<Self, ConfigError> {
        let host = self.endpoint.host();
        if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
            let problem = format!("{host} is an IP address, which has no host names below it");
            return Err(ConfigError::new("endpoint", problem));
        }
        self.style = Style::VirtualHost;
        Ok(self)
    }

    /// Addresses the bucket by the path: `https://endpoint/name/key`.
    pub fn with_path_style(mut self) -> Self {
        self.style = Style::Path;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The prefix of the keys that are served.
    #[must_use]
    pub fn prefix(&self) -> &KeyPrefix {
        &self.prefix
    }

    /// Whether it is reached over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The URL of an object below the prefix; `query` is encoded already.
    pub(super) fn object_uri(&self, key: &ObjectKey, query: &str) -> Result<Uri, BoxError> {
        // A caller can make a key with any prefix.
        if !key.as_str().starts_with(self.prefix.as_str()) {
            return Err("the key is not below the prefix of the bucket".into());
        }
        let encoded = key.encoded();
        let mut path = match self.style {
            Style::VirtualHost => ["/", &encoded].concat(),
            Style::Path => ["/", &self.name, "/", &encoded].concat(),
        };
        if !query.is_empty() {
            path.push('?');
            path.push_str(query);
        }
        self.uri(path)
    }

    /// The URL of a list of objects (`ListObjectsV2` in the Amazon S3 API reference); `query` is encoded already.
    pub(super) fn list_uri(&self, query: &str) -> Result<Uri, BoxError> {
        let mut path = match self.style {
            Style::VirtualHost => String::from("/"),
            Style::Path => ["/", &self.name].concat(),
        };
        path.push('?');
        path.push_str(query);
        self.uri(path)
    }

    fn uri(&self, path: String) -> Result<Uri, BoxError> {
        let uri = Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority()?)
            .path_and_query(PathAndQuery::try_from(path)?);
        Ok(uri.build()?)
    }

    fn authority(&self) -> Result<Authority, http::Error> {
        Ok(match self.style {
            Style::VirtualHost => Authority::try_from(format!("{}.{}", self.name, self.endpoint))?,
            Style::Path => self.endpoint.clone(),
        })
    }
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_name = (3..=63).contains(&name.len())
        && name.bytes().all(plain)
        && name.as_bytes()[0].is_ascii_alphanumeric()
        && !name.contains("..");
    if is_name {
        Ok(())
    } else {
        let problem =
            format!("{name:?} is not the name of a bucket; write bucket or bucket/prefix");
        Err(ConfigError::new("bucket", problem))
    }
}

/// Whether this is a colon and a port.
fn is_port(text: &str) -> bool {
    let digits = text
        .strip_prefix(':')
        .filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
    digits
        .and_then(|port| port.parse::<u16>().ok())
        .is_some_and(|port| port != 0)
}

fn is_host_label(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(bucket: &Bucket, path: &str) -> String {
        let key = ObjectKey::from_path(path, bucket.prefix()).unwrap();
        bucket.object_uri(&key, "").unwrap().to_string()
    }

    #[test]
    fn an_object_has_one_url_in_each_style() {
        let aws = Bucket::new("wheels", "eu-west-1").unwrap();
        assert_eq!(
            uri(&aws, "/a%20b"),
            "https://wheels.s3.eu-west-1.amazonaws.com/a%20b"
        );
        for name in ["my.wheels", "my_wheels", "MyWheels"] {
            let no_label = Bucket::new(name, "eu-west-1").unwrap();
            let expected = format!("https://s3.eu-west-1.amazonaws.com/{name}/a%2Bb");
            assert_eq!(uri(&no_label, "/a%2Bb"), expected);
        }
        let by_path = aws.clone().with_path_style();
        assert_eq!(
            uri(&by_path, "/a"),
            "https://s3.eu-west-1.amazonaws.com/wheels/a"
        );
        let china = Bucket::new("wheels", "cn-north-1").unwrap();
        assert_eq!(
            uri(&china, "/a"),
            "https://wheels.s3.cn-north-1.amazonaws.com.cn/a"
        );
        let site = aws.clone().with_endpoint("http://127.0.0.1:8333/").unwrap();
        assert_eq!(uri(&site, "//a"), "http://127.0.0.1:8333/wheels//a");
        let site_host = aws
            .with_endpoint("http://s3.local:9000")
            .unwrap()
            .with_virtual_host_style();
        assert_eq!(
            uri(&site_host.unwrap(), "/a/"),
            "http://wheels.s3.local:9000/a/"
        );
    }

    #[test]
    fn only_keys_below_the_prefix_have_urls() {
        let bucket = Bucket::new("wheels/packages", "eu-west-1").unwrap();
        for (key, has_url) in [
            ("/packages/a", true),
            ("/packages/", true),
            ("/packages", false),
            ("/packages-2/a", false),
            ("/a", false),
        ] {
            let key = ObjectKey::from_path(key, &KeyPrefix::default()).unwrap();
            assert_eq!(bucket.object_uri(&key, "").is_ok(), has_url, "{key:?}");
        }
    }

    #[test]
    fn prefixes_add_up() {
        let bucket = Bucket::new("wheels/a/", "us-east-1")
            .unwrap()
            .with_prefix("/b")
            .unwrap();
        assert_eq!(bucket.prefix().as_str(), "a/b/");
        assert_eq!(
            Bucket::new("wheels", "us-east-1")
                .unwrap()
                .prefix()
                .as_str(),
            ""
        );
    }

    #[test]
    fn a_wrong_address_is_refused_when_built() {
        for (location, region, setting) in [
            ("", "us-east-1", "bucket"),
            ("ab", "us-east-1", "bucket"),
            ("-ab", "us-east-1", "bucket"),
            ("a..b", "us-east-1", "bucket"),
            ("evil.com#", "us-east-1", "bucket"),
            ("user@host", "us-east-1", "bucket"),
            ("wheels", "", "region"),
            ("wheels", "US-East-1", "region"),
            ("wheels", "x.evil.com/", "region"),
            ("wheels/../other", "us-east-1", "prefix"),
        ] {
            let error = Bucket::new(location, region).unwrap_err();
            assert_eq!(error.setting(), setting, "{location} {region}");
        }
        let bucket = Bucket::new("wheels", "us-east-1").unwrap();
        for url in [
            "",
            "127.0.0.1:9000",
            "/path",
            "ftp://host",
            "http://user:secret@host",
            "http://host/base",
            "http://host?q",
            "http://ho st",
            "http://host:99999",
            "http://host:0",
            "http://host:",
            "http://:9000",
            "http://host:+1",
            "https://host#x",
        ] {
            let error = bucket.clone().with_endpoint(url).unwrap_err();
            assert_eq!(error.setting(), "endpoint", "{url}");
            assert!(!error.to_string().contains("secret"));
        }
        assert!(bucket.clone().with_endpoint("https://host").is_ok());
        for address in ["http://[::1]:9000", "http://127.0.0.1:9000"] {
            let by_address = bucket.clone().with_endpoint(address).unwrap();
            let error = by_address.with_virtual_host_style().unwrap_err();
            assert_eq!(error.setting(), "endpoint");
        }
    }

    #[test]
    fn a_bucket_is_reached_over_tls_by_default() {
        let aws = Bucket::new("wheels", "eu-west-1").unwrap();
        assert!(aws.is_https());
        for (endpoint, is_https) in [
            ("https://h:1", true),
            ("HTTPS://h:1", true),
            ("http://h:1", false),
        ] {
            let bucket = aws.clone().with_endpoint(endpoint).unwrap();
            assert_eq!(bucket.is_https(), is_https, "{endpoint}");
        }
    }
}
