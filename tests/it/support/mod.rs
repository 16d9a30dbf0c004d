//! The shared parts of the tests: strict fakes and short ways to write a request.

pub(crate) mod browser;
pub(crate) mod clock;
pub(crate) mod fake_aws;
pub(crate) mod fake_provider;
pub(crate) mod fake_redis;
pub(crate) mod fake_s3;
pub(crate) mod fake_sso;
pub(crate) mod fault_proxy;
pub(crate) mod file;
pub(crate) mod issuer;
pub(crate) mod memory_sessions;
pub(crate) mod methods;
pub(crate) mod server;
pub(crate) mod stores;
pub(crate) mod tls;

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};

/// The request that a service got, in the extensions of its response: see [`echo`].
#[derive(Clone, Debug)]
pub(crate) struct Seen(pub(crate) Head);

#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) uri: http::Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: http::Extensions,
}

/// A service that answers 200 `inner` with two headers, and puts the request into the extensions of its
/// response.
pub(crate) fn echo() -> impl Service<
    Request<Body>,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send,
> + Clone
+ Send
+ Sync
+ 'static {
    service_fn(|request: Request<Body>| async move {
        let (head, _) = request.into_parts();
        let Parts {
            uri,
            headers,
            extensions,
            ..
        } = head;
        let mut response = Response::new(Full::from("inner"));
        response
            .headers_mut()
            .insert("set-cookie", "inner=1".parse().unwrap());
        response
            .headers_mut()
            .insert("x-inner", "1".parse().unwrap());
        response.extensions_mut().insert(Seen(Head {
            uri,
            headers,
            extensions,
        }));
        Ok(response)
    })
}

/// A GET request with headers.
pub(crate) fn get(target: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// A HEAD request.
pub(crate) fn head_of(target: &str) -> Request<Body> {
    Request::head(target).body(Body::empty()).unwrap()
}

/// The head of a GET request.
pub(crate) fn head(headers: &[(&str, &str)]) -> Parts {
    get("/", headers).into_parts().0
}

/// A response whose body has been read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: http::Extensions,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    /// The request that the inner service got. Panics if it got none.
    pub(crate) fn seen(&self) -> &Head {
        &self
            .extensions
            .get::<Seen>()
            .expect("the request should have passed")
            .0
    }

    pub(crate) fn passed(&self) -> bool {
        self.extensions.get::<Seen>().is_some()
    }
}

/// Sends one request to a service. No test waits longer than this: a mock that panics within a
/// spawned task would otherwise hang it.
pub(crate) async fn send<S, B>(service: S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let exchange = async {
        let response = service.oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            extensions: head.extensions,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    };
    tokio::time::timeout(Duration::from_mins(1), exchange)
        .await
        .expect("the answer is overdue")
}

/// Sends one request through a layer to [`echo`].
pub(crate) async fn through<L, S, B>(layer: &L, request: Request<Body>) -> Answer
where
    L: EchoLayer<Service = S>,
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    send(layer.over_echo(), request).await
}

/// A layer that fits around a boxed [`echo`], whose type has a name.
pub(crate) trait EchoLayer {
    type Service;
    fn over_echo(&self) -> Self::Service;
}

pub(crate) type Echo =
    tower::util::BoxCloneSyncService<Request<Body>, Response<Full<Bytes>>, Infallible>;

impl<L: Layer<Echo>> EchoLayer for L {
    type Service = L::Service;

    fn over_echo(&self) -> L::Service {
        self.layer(Echo::new(echo()))
    }
}

/// `Basic` credentials as a header value, by another encoder than the library's decoder.
pub(crate) fn basic(user: &str, password: &str) -> String {
    let text = format!("{user}:{password}");
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::from("Basic ");
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for i in 0..4 {
            encoded.push(if i <= chunk.len() {
                char::from(alphabet[(bits >> (18 - 6 * i)) as usize & 63])
            } else {
                '='
            });
        }
    }
    encoded
}

/// Every awkward byte that a key may have, several spellings of each as a client may send them.
pub(crate) const AWKWARD_KEYS: [(&str, &[&str]); 16] = [
    ("a b", &["/a%20b"]),
    ("a+b", &["/a+b", "/a%2Bb", "/a%2bb"]),
    ("100%", &["/100%25"]),
    ("%2F", &["/%252F"]),
    ("a=b", &["/a=b", "/a%3Db"]),
    ("@scope/x", &["/@scope/x", "/%40scope%2Fx"]),
    ("a:b", &["/a:b", "/a%3ab"]),
    ("'()!*", &["/'()!*", "/%27%28%29%21%2A"]),
    ("a&b;c,d$", &["/a&b;c,d$", "/a%26b%3Bc%2Cd%24"]),
    ("#1", &["/%231"]),
    ("why?", &["/why%3F"]),
    ("a|b", &["/a|b", "/a%7Cb"]),
    ("\"<>^`{}[]", &["/%22%3C%3E%5E%60%7B%7D%5B%5D"]),
    ("é/日本", &["/%C3%A9/%e6%97%a5%e6%9c%ac", "/\u{e9}/日本"]),
    ("a//b", &["/a//b", "/a%2F/b", "/a/%2fb"]),
    ("dir/", &["/dir/", "/dir%2F", "/%64ir/"]),
];
