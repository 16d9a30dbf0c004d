use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Method, Request, Uri};
use lambda_http::request::LambdaRequest;
use portcullis::client_address::ClientAddress;

/// The reason that an event is not served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EventError {
    HttpApi,
    Other,
    NoPath,
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HttpApi => {
                "an event of an HTTP API, which alters paths and takes no streamed answer: put a \
                 Function URL or a REST API in front of the function"
            }
            Self::Other => "an event of neither a Function URL nor a REST API",
            Self::NoPath => "an event without a path",
        })
    }
}

impl std::error::Error for EventError {}

/// Converts an event into a request, without its query and its body, which nothing here reads. AWS names
/// the client, by whose address failed logins are counted.
///
/// `lambda_http`'s own conversion is not used: it resolves dot segments, removes line ends, turns a
/// backslash into a slash, drops the first of two `Authorization` headers, and panics at some hosts
/// and queries.
pub(crate) fn request(event: LambdaRequest) -> Result<Request<()>, EventError> {
    match event {
        LambdaRequest::ApiGatewayV2(event) => {
            let context = event.request_context;
            if !is_of_function_url(context.domain_name.as_deref()) {
                return Err(EventError::HttpApi);
            }
            let client = context.http.source_ip;
            build(context.http.method, event.raw_path, event.headers, client)
        }
        // Only this distinguishes payload format 1.0 of an HTTP API from the event of a REST API.
        LambdaRequest::ApiGatewayV1(event) if event.other.contains_key("version") => {
            Err(EventError::HttpApi)
        }
        LambdaRequest::ApiGatewayV1(event) => {
            // `headers` has only the last of several headers with one name.
            let headers = if event.multi_value_headers.is_empty() {
                event.headers
            } else {
                event.multi_value_headers
            };
            let client = event.request_context.identity.source_ip;
            build(event.http_method, event.path, headers, client)
        }
        _ => Err(EventError::Other),
    }
}

/// Whether a domain, which AWS sets and not the client, belongs to a Function URL, such as
/// `id.lambda-url.eu-west-1.on.aws`, or to `cargo lambda watch`, which behaves like one.
fn is_of_function_url(domain: Option<&str>) -> bool {
    domain.is_some_and(|domain| {
        domain == "localhost" || domain.split('.').nth(1) == Some("lambda-url")
    })
}

fn build(
    method: Method,
    path: Option<String>,
    headers: HeaderMap,
    client: Option<String>,
) -> Result<Request<()>, EventError> {
    let path = path.filter(|path| path.starts_with('/'));
    let path = path.ok_or(EventError::NoPath)?;
    let mut request = Request::new(());
    *request.uri_mut() = target(&path).ok_or(EventError::NoPath)?;
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    // An event has no port.
    let client = client.and_then(|ip| ip.parse::<IpAddr>().ok());
    if let Some(ip) = client {
        let address = ClientAddress::new(SocketAddr::new(ip, 0));
        request.extensions_mut().insert(address);
    }
    Ok(request)
}

/// The path as a request target, for `CanonicalPathLayer` to judge. Bytes that a target cannot contain
/// or that would end the path are escaped; existing escapes are unchanged.
fn target(path: &str) -> Option<Uri> {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing into a `String` does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    Uri::try_from(escaped).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_the_path_and_nothing_else() {
        for (path, expected) in [
            ("/simple/pkg/", "/simple/pkg/"),
            ("/a%2Bb", "/a%2Bb"),
            ("/a+b", "/a+b"),
            ("//host/a", "//host/a"),
            ("/a//b", "/a//b"),
            ("/a/../b", "/a/../b"),
            ("/a?b", "/a%3Fb"),
            ("/a#b", "/a%23b"),
            ("/a b", "/a%20b"),
            ("/a\\b", "/a%5Cb"),
            ("/a\r\nb", "/a%0D%0Ab"),
            ("/é", "/%C3%A9"),
            ("/%", "/%"),
        ] {
            let uri = target(path).unwrap();
            assert_eq!(uri.path(), expected, "{path}");
            assert_eq!(uri, expected, "{path}");
        }
    }

    #[test]
    fn aws_names_the_client() {
        for (client, expected) in [
            (Some("192.0.2.7"), Some("192.0.2.7:0")),
            (Some("2001:db8::7"), Some("[2001:db8::7]:0")),
            (Some("test-invoke-source-ip"), None),
            (None, None),
        ] {
            let (path, client) = (Some("/".to_owned()), client.map(str::to_owned));
            let request = build(Method::GET, path, HeaderMap::new(), client).unwrap();
            let address = request.extensions().get::<ClientAddress>();
            assert_eq!(address.map(ToString::to_string).as_deref(), expected);
        }
    }

    #[test]
    fn a_function_url_is_known_by_its_domain() {
        for (domain, expected) in [
            (Some("abc.lambda-url.eu-west-1.on.aws"), true),
            (Some("abc.lambda-url.us-gov-west-1.on.aws"), true),
            (Some("localhost"), true),
            (Some("abc.execute-api.eu-west-1.amazonaws.com"), false),
            (Some("packages.example.com"), false),
            (Some("lambda-url.example.com"), false),
            (Some("a.b.lambda-url.example.com"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(is_of_function_url(domain), expected, "{domain:?}");
        }
    }
}
