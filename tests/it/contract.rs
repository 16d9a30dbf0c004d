//! The contract of tower: readiness, clones, cancellation, and `Send`.

use axum::body::Body;
use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::canonical_path::CanonicalPath;
use portcullis::client_address::{ClientNetworkLayer, TrustedProxies};
use portcullis::error_pages::ErrorPages;
use portcullis::gate::{
    Admission, AnyOf, Carrier, Decision, Gate, GateLayer, Identity, InsecureNoAuth, Optional,
    PublicPaths, RequireScopeLayer, Verdict, token_verifier_fn,
};
use portcullis::index_rewrite::IndexRewrite;
use portcullis::path_token::PathToken;
use portcullis::s3::{Bucket, BucketClient};
use portcullis::strip_prefix::StripPrefix;
use portcullis::token::{TokenTable, Tokens};
use portcullis::upstream::{HttpClient, RequestBody};
use portcullis::{
    CanonicalPathLayer, ErrorPagesLayer, IndexRewriteLayer, JwtScopeLayer, PathTokenLayer,
    RequestLimitLayer, ResourceMetadata, S3Proxy, StripPrefixLayer, TokenAuthLayer,
};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock::{Mock, pair};

use crate::support::fake_s3::credentials;
use crate::support::issuer::issuer;
use crate::support::methods::{Portal, Slow, Word};
use crate::support::{Echo, basic, get};

type Mocked = Mock<Request<Body>, Response<Full<Bytes>>>;

fn basic_auth() -> BasicAuthLayer {
    BasicAuthLayer::new("r", FixedUsers::new([("x", "y")]).unwrap()).unwrap()
}

const TOKEN: &str = "pcl-0000000000000000000000000000003IZszq";

fn proxies() -> TrustedProxies {
    TrustedProxies::new(["10.0.0.0/8"]).unwrap()
}

fn token_auth() -> TokenAuthLayer {
    let digest = "8f87c3faaa57ffb6c57e47d8319064de4aa7aa7ee8b0ceffe7f8217171925f61";
    let file = format!(
        r#"{{"tokens":[{{"id":"ci","sha256":"{digest}","created":"2001-09-09T01:46:40Z"}}]}}"#
    );
    let tokens = Tokens::new(TokenTable::parse(file.as_bytes()).unwrap());
    TokenAuthLayer::new("r", tokens).unwrap()
}

/// Drives a layer over a mock that panics if a service is called before it is ready. A layer that calls a
/// clone of the inner service fails here.
pub(crate) async fn spends_readiness_once<L>(layer: L, request: Request<Body>)
where
    L: Layer<Mocked>,
    L::Service: Service<Request<Body>> + Clone,
    <L::Service as Service<Request<Body>>>::Error: std::fmt::Debug,
{
    let (mock, mut handle) = pair::<Request<Body>, Response<Full<Bytes>>>();
    let mut service = layer.layer(mock);
    handle.allow(0);
    let pending = poll_fn(|cx| Poll::Ready(service.poll_ready(cx).is_pending())).await;
    assert!(pending, "readiness is the inner service's");
    for _ in 0..2 {
        handle.allow(1);
        poll_fn(|cx| service.poll_ready(cx)).await.unwrap();
        let response = service.call(clone(&request));
        let serve = async {
            let (_, reply) = handle
                .next_request()
                .await
                .expect("the request should pass");
            reply.send_response(Response::default());
        };
        let exchange = async { tokio::join!(response, serve).0 };
        let answer = tokio::time::timeout(Duration::from_mins(1), exchange).await;
        assert!(answer.expect("the answer is overdue").is_ok());
    }
}

fn clone(request: &Request<Body>) -> Request<Body> {
    let mut clone = Request::new(Body::empty());
    *clone.uri_mut() = request.uri().clone();
    *clone.headers_mut() = request.headers().clone();
    *clone.extensions_mut() = request.extensions().clone();
    clone
}

#[tokio::test]
async fn every_layer_calls_the_service_that_is_ready() {
    let word = || get("/", &[("x-word", "swordfish")]);
    let bearer = || get("/", &[("authorization", "Bearer slow-bob")]);
    spends_readiness_once(CanonicalPathLayer::new(), get("/%61", &[])).await;
    spends_readiness_once(
        IndexRewriteLayer::new().with_folder_object(),
        get("/a/", &[]),
    )
    .await;
    spends_readiness_once(StripPrefixLayer::new("/a").unwrap(), get("/a/b", &[])).await;
    spends_readiness_once(ErrorPagesLayer::new(), get("/", &[])).await;
    spends_readiness_once(RequestLimitLayer::new(1), get("/", &[])).await;
    spends_readiness_once(ClientNetworkLayer::new(proxies()), get("/", &[])).await;
    spends_readiness_once(
        basic_auth(),
        get("/", &[("authorization", &basic("x", "y"))]),
    )
    .await;
    spends_readiness_once(PathTokenLayer::new(), get("/t/a/x", &[])).await;
    spends_readiness_once(
        token_auth(),
        get("/", &[("authorization", &format!("Bearer {TOKEN}"))]),
    )
    .await;
    let waits = token_verifier_fn(|_| {
        let admission = Admission::new(Identity::new("test", "bob"));
        Decision::later(async { Verdict::Admit(admission) })
    });
    spends_readiness_once(TokenAuthLayer::new("packages", waits).unwrap(), bearer()).await;
    spends_readiness_once(GateLayer::new(Word::default()), word()).await;
    spends_readiness_once(GateLayer::new(Slow::new(Carrier::bearer())), bearer()).await;
    spends_readiness_once(
        GateLayer::new(Portal::new()),
        get("/", &[("cookie", "portal=e")]),
    )
    .await;
    spends_readiness_once(InsecureNoAuth::new(), get("/", &[])).await;
    spends_readiness_once(Optional::new(Slow::new(Carrier::bearer())), get("/", &[])).await;
    spends_readiness_once(
        PublicPaths::new(["/"], Word::default()).unwrap(),
        get("/", &[]),
    )
    .await;
    let any = AnyOf::new((Slow::new(Carrier::bearer()), Word::default())).unwrap();
    spends_readiness_once(any.clone(), bearer()).await;
    spends_readiness_once(any, word()).await;
    let mut known = word();
    known.extensions_mut().insert(Identity::new("x", "y"));
    spends_readiness_once(RequireScopeLayer::signed_in(), known).await;
}

#[tokio::test]
async fn the_proxy_waits_until_its_client_is_ready() {
    let (mock, mut handle) = pair::<Request<RequestBody>, Response<Full<Bytes>>>();
    let bucket = Bucket::new("wheels", "us-east-1").unwrap();
    let mut proxy = S3Proxy::new(BucketClient::with_client(mock, bucket, credentials("s")));
    handle.allow(0);
    poll_fn(|cx| Service::<Request<()>>::poll_ready(&mut proxy, cx))
        .await
        .unwrap();
    let response = tokio::spawn(proxy.call(Request::get("/a").body(()).unwrap()));
    tokio::task::yield_now().await;
    handle.allow(1);
    let (request, reply) = handle.next_request().await.unwrap();
    assert_eq!(request.uri().path(), "/a");
    let object = Response::builder().header("etag", "\"v1\"");
    reply.send_response(object.body(Full::default()).unwrap());
    let response = tokio::time::timeout(Duration::from_mins(1), response).await;
    assert_eq!(response.unwrap().unwrap().unwrap().status(), 200);
}

/// Counts its clones and calls.
#[derive(Default)]
struct Counted {
    clones: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.clones.fetch_add(1, Ordering::Relaxed);
        Self {
            clones: Arc::clone(&self.clones),
            calls: Arc::clone(&self.calls),
        }
    }
}

impl Service<Request<Body>> for Counted {
    type Response = Response<Empty<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok(Response::default()))
    }
}

#[tokio::test]
async fn only_a_late_verdict_clones_the_service() {
    for (headers, clones, calls) in [
        (&[("x-word", "swordfish")][..], 0, 1),
        (&[], 0, 0),
        (&[("authorization", "Bearer slow-bob")], 1, 1),
        (&[("authorization", "Bearer slow-bad")], 1, 0),
    ] {
        let counted = Counted::default();
        let (cloned, called) = (Arc::clone(&counted.clones), Arc::clone(&counted.calls));
        let methods = AnyOf::new((Word::default(), Slow::new(Carrier::bearer()))).unwrap();
        let mut gate = methods.layer(counted);
        gate.call(get("/", headers)).await.unwrap();
        assert_eq!(cloned.load(Ordering::Relaxed), clones, "{headers:?}");
        assert_eq!(called.load(Ordering::Relaxed), calls, "{headers:?}");
    }
}

#[tokio::test]
async fn a_dropped_future_never_calls_the_inner_service() {
    let counted = Counted::default();
    let called = Arc::clone(&counted.calls);
    let mut gate = GateLayer::new(Slow::new(Carrier::bearer())).layer(counted);
    let request = || get("/", &[("authorization", "Bearer slow-bob")]);
    let mut waiting = tokio_test::task::spawn(gate.call(request()));
    assert!(waiting.poll().is_pending());
    drop(waiting);
    assert_eq!(called.load(Ordering::Relaxed), 0);
    gate.call(request()).await.unwrap();
    assert_eq!(called.load(Ordering::Relaxed), 1, "the gate goes on");
}

#[tokio::test]
async fn neither_service_nor_bodies_must_be_send() {
    #[derive(Clone)]
    struct Local(Rc<Cell<usize>>);
    impl Service<Request<Rc<str>>> for Local {
        type Response = Response<Rc<str>>;
        type Error = Rc<str>;
        type Future = std::future::Ready<Result<Self::Response, Rc<str>>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Rc<str>>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Rc<str>>) -> Self::Future {
            self.0.set(self.0.get() + 1);
            std::future::ready(match request.uri().path() {
                "/fail" => Err(Rc::from("the inner error")),
                _ => Ok(Response::new(request.into_body())),
            })
        }
    }
    let calls = Rc::new(Cell::new(0));
    let stack = tower::ServiceBuilder::new()
        .layer(ErrorPagesLayer::new())
        .layer(RequestLimitLayer::new(1))
        .layer(CanonicalPathLayer::new())
        .layer(PathTokenLayer::new())
        .layer(GateLayer::new(Slow::new(Carrier::bearer())))
        .layer(IndexRewriteLayer::new())
        .service(Local(Rc::clone(&calls)));
    let request = |path| {
        Request::get(path)
            .header("authorization", "Bearer slow-bob")
            .body(Rc::from("body"))
            .unwrap()
    };
    assert_eq!(
        stack.clone().oneshot(request("/")).await.unwrap().status(),
        200
    );
    let error = stack.oneshot(request("/fail")).await.unwrap_err();
    assert_eq!(
        &*error, "the inner error",
        "an inner error passes untouched"
    );
    assert_eq!(calls.get(), 2);
}

#[test]
fn every_service_gives_its_inner_one() {
    macro_rules! gives_inner {
        ($($service:expr),+ $(,)?) => {$(
            let mut service = $service;
            assert_eq!(*service.get_ref(), 1);
            *service.get_mut() += 1;
            assert_eq!(service.into_inner(), 2);
        )+};
    }
    gives_inner![
        CanonicalPath::new(1),
        CanonicalPath::layer().layer(1),
        ErrorPages::new(1),
        ErrorPages::layer().layer(1),
        IndexRewrite::new(1),
        IndexRewrite::layer().layer(1),
        PathToken::new(1),
        PathToken::layer().layer(1),
        StripPrefix::new(1, "/a").unwrap(),
        StripPrefix::layer("/a").unwrap().layer(1),
        RequestLimitLayer::new(1).layer(1),
        ClientNetworkLayer::new(proxies()).layer(1),
        Gate::new(1, Word::default()),
        Gate::layer(Word::default()).layer(1),
    ];
}

#[test]
fn layers_services_and_futures_are_send_and_sync() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    fn future<T: Send>(_: T) {}
    shared(&CanonicalPathLayer::new());
    shared(&ErrorPagesLayer::new());
    shared(&IndexRewriteLayer::new());
    shared(&StripPrefixLayer::new("/a").unwrap());
    shared(&RequestLimitLayer::new(1));
    shared(&ClientNetworkLayer::new(proxies()));
    shared(&basic_auth());
    shared(&token_auth());
    shared(&PathTokenLayer::new());
    shared(&AnyOf::new((Word::default(), basic_auth())).unwrap());
    shared(&Optional::new(basic_auth()));
    shared(&PublicPaths::new(["/"], basic_auth()).unwrap());
    shared(&RequireScopeLayer::signed_in());
    shared(&ResourceMetadata::new("https://packages.example").unwrap());
    shared(&JwtScopeLayer::new("packages", issuer().verifier()).unwrap());
    shared(&GateLayer::new(basic_auth()).with_refusal_response(|_, _, response| response));
    let mut gate = basic_auth().layer(Echo::new(crate::support::echo()));
    shared(&gate);
    future(gate.call(get("/", &[])));
    let index = IndexRewriteLayer::new().layer(gate);
    let below = StripPrefixLayer::new("/a").unwrap().layer(index);
    let paths = CanonicalPathLayer::new().layer(PathTokenLayer::new().layer(below));
    let mut paths = ErrorPagesLayer::new().layer(paths);
    shared(&paths);
    future(paths.call(get("/", &[])));

    let bucket = Bucket::new("wheels", "us-east-1").unwrap();
    let client = HttpClient::new().unwrap();
    shared(&client);
    let mut proxy = S3Proxy::new(BucketClient::with_client(client, bucket, credentials("s")));
    shared(&proxy);
    future(Service::<Request<()>>::call(&mut proxy, Request::default()));
}
