use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// The address of a store of buckets, to compare it with that of another mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    /// AWS, where no two buckets have one name.
    Aws,
    Endpoint {
        scheme: String,
        host: String,
        port: u16,
    },
}

impl Store {
    /// The store at the URL of an endpoint, in its one spelling. `None` if it is not such a URL.
    pub(crate) fn at(url: &str) -> Option<Self> {
        let url: Uri = url.parse().ok()?;
        let scheme = url.scheme_str()?.to_ascii_lowercase();
        let host = url.host()?.trim_end_matches('.').to_ascii_lowercase();
        if host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn") {
            return Some(Self::Aws);
        }
        let default = if scheme == "https" { 443 } else { 80 };
        let port = url.port_u16().unwrap_or(default);
        Some(Self::Endpoint { scheme, host, port })
    }

    /// Whether both may be addresses of one store. A name and an IP address may belong to one machine, and
    /// a proxy may serve it by another scheme. One host has two stores if only their ports differ.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Endpoint { scheme, host, port },
                Self::Endpoint {
                    scheme: other_scheme,
                    host: other_host,
                    port: other_port,
                },
            ) => host != other_host || scheme != other_scheme || port == other_port,
            _ => true,
        }
    }
}

/// Whether a URL uses `http` beyond this machine.
pub(crate) fn is_in_the_clear(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else {
        return false;
    };
    let host = url.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    let is_loopback = host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.is_loopback());
    url.scheme_str() == Some("http") && !is_loopback
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws => f.write_str("AWS"),
            Self::Endpoint { scheme, host, port } => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_endpoint_are_equal() {
        let store = |url| Store::at(url).unwrap();
        for (one, other) in [
            ("http://minio:9000", "http://MinIO:9000/"),
            ("http://minio", "http://minio:80/"),
            ("https://minio", "https://minio.:443"),
            (
                "https://s3.eu-west-1.amazonaws.com",
                "https://s3.amazonaws.com/",
            ),
        ] {
            assert_eq!(store(one), store(other), "{one} {other}");
        }
        for (one, other, may_be) in [
            ("http://minio:9000", "http://10.0.0.7:9000", true),
            ("http://minio:9000", "https://s3.internal", true),
            ("http://minio:9000", "https://minio:9000", true),
            ("http://minio:9000", "https://s3.amazonaws.com", true),
            ("http://minio:9000", "http://minio:9001", false),
        ] {
            assert_ne!(store(one), store(other), "{one} {other}");
            assert_eq!(store(one).may_be(&store(other)), may_be, "{one} {other}");
        }
    }
}
