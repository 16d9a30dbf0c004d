//! The whole stack, in the right order and in wrong ones: private paths stay private.

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::PublicPaths;
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, S3Proxy};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use crate::support::fake_s3::FakeS3;
use crate::support::server::Server;
use crate::support::{Answer, basic, get, send};

fn gate() -> BasicAuthLayer {
    BasicAuthLayer::new("private", FixedUsers::new([("ci", "s3cret")]).unwrap()).unwrap()
}

async fn bucket() -> FakeS3 {
    let s3 = FakeS3::start().await;
    s3.put("private/x", "secret");
    s3.put("private/index.html", "secret");
    s3.put("public/x", "open");
    s3.put("public/index.html", "open");
    s3
}

/// Spellings of private paths, from harmless to hostile.
const PRIVATE: [&str; 20] = [
    "/private/x",
    "/%70rivate/x",
    "/%70%72%69%76%61%74%65/x",
    "/private%2Fx",
    "/private%2fx",
    "/public/../private/x",
    "/public/%2e%2e/private/x",
    "/public/..%2Fprivate/x",
    "/public%2F..%2Fprivate%2Fx",
    "/public/%252e%252e/private/x",
    "/public/..%5Cprivate/x",
    "/./private/x",
    "/private/%2E/x",
    "/public/./../private/x",
    "//private/x",
    "/private//x",
    "/private/",
    "/%70rivate/",
    "/private%2F",
    "/private/x?public=/public/x",
];

async fn ask<S, B>(service: &S, target: &str, login: Option<&str>) -> Answer
where
    S: Service<Request<Body>, Response = http::Response<B>> + Clone,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Data = bytes::Bytes>,
    B::Error: std::fmt::Debug,
{
    let credentials = login.map(|password| basic("ci", password));
    let headers: Vec<_> = credentials
        .iter()
        .map(|it| ("authorization", it.as_str()))
        .collect();
    send(service.clone(), get(target, &headers)).await
}

macro_rules! assert_private {
    ($stack:expr, $name:literal) => {
        for target in PRIVATE {
            for login in [None, Some("guess")] {
                let answer = ask(&$stack, target, login).await;
                assert!(
                    !answer.body.contains("secret"),
                    "{}: {target} is open",
                    $name
                );
                assert!(
                    answer.status.is_client_error(),
                    "{}: {target} {}",
                    $name,
                    answer.status
                );
            }
        }
    };
}

#[tokio::test]
async fn the_right_order_admits_and_refuses() {
    let s3 = bucket().await;
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(gate())
        .layer(IndexRewriteLayer::new())
        .service(S3Proxy::new(s3.client()));
    assert_private!(stack, "right order");
    for target in [
        "/private/x",
        "/%70rivate/x",
        "/private%2Fx",
        "/private/",
        "/private%2F",
    ] {
        let answer = ask(&stack, target, Some("s3cret")).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (200, "secret"),
            "{target}"
        );
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    }
    assert!(s3.wire().iter().all(|wire| {
        !wire.headers["authorization"]
            .to_str()
            .unwrap()
            .contains("Basic")
    }));
}

#[tokio::test]
async fn a_router_with_a_private_mount_is_closed() {
    let s3 = bucket().await;
    let leaf = || S3Proxy::new(s3.client());
    // One bucket, open except for one mount: a request that is routed wrong gets the private object.
    let private = s3.bucket().with_prefix("private").unwrap();
    let credentials = crate::support::fake_s3::credentials(crate::support::fake_s3::SECRET);
    let private = portcullis::s3::BucketClient::new(private, credentials).unwrap();
    let router = || {
        Router::new()
            .nest_service("/private", gate().layer(S3Proxy::new(private.clone())))
            .fallback_service(leaf())
    };

    let wrapped = CanonicalPathLayer::new().layer(router());
    assert_private!(wrapped, "wrapped");
    assert_eq!(
        ask(&wrapped, "/%70rivate/x", Some("s3cret")).await.body,
        "secret"
    );
    assert_eq!(ask(&wrapped, "/%70ublic/x", None).await.body, "open");

    // Without the canonical layer, the router and the leaf would read the path differently, so the leaf
    // refuses every spelling but the canonical one.
    let forgotten = router();
    assert_private!(forgotten, "no canonical layer");
    assert_eq!(ask(&forgotten, "/public/x", None).await.body, "open");
    assert_eq!(ask(&forgotten, "/%70rivate/x", None).await.status, 400);
}

#[tokio::test]
async fn layers_in_wrong_orders_stay_closed() {
    let s3 = bucket().await;
    let leaf = || S3Proxy::new(s3.client());
    let public = || PublicPaths::new(["/public/x"], gate()).unwrap();

    let canonical_inside = ServiceBuilder::new()
        .layer(public())
        .layer(CanonicalPathLayer::new())
        .layer(IndexRewriteLayer::new())
        .service(leaf());
    assert_private!(canonical_inside, "canonical path inside the gate");
    assert_eq!(ask(&canonical_inside, "/public/x", None).await.body, "open");
    // Another spelling of a public path is not public there.
    assert_eq!(
        ask(&canonical_inside, "/%70ublic/x", None).await.status,
        401
    );

    let rewrite_outside = ServiceBuilder::new()
        .layer(IndexRewriteLayer::new().with_folder_object())
        .layer(CanonicalPathLayer::new())
        .layer(public())
        .service(leaf());
    assert_private!(
        rewrite_outside,
        "index rewrite outside of the canonical path"
    );

    let no_canonical = ServiceBuilder::new()
        .layer(
            IndexRewriteLayer::new()
                .with_folder_object()
                .with_slash_redirect(),
        )
        .layer(public())
        .service(leaf());
    for target in PRIVATE {
        let answer = ask(&no_canonical, target, None).await;
        assert!(!answer.body.contains("secret"), "{target}");
    }

    let gate_twice = ServiceBuilder::new()
        .layer(gate())
        .layer(public())
        .service(leaf());
    assert_private!(gate_twice, "a gate within a gate");
}

#[tokio::test]
async fn axum_leaves_open_what_the_docs_say() {
    let s3 = bucket().await;
    let leaf = || S3Proxy::new(s3.client());
    // `.layer` guards routes added before it, and none added after.
    let late = Router::new().layer(gate()).fallback_service(leaf());
    assert_eq!(ask(&late, "/private/x", None).await.status, 200);
    let before = Router::new().fallback_service(leaf()).layer(gate());
    assert_private!(before, "layer after the fallback");
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(gate())
        .service(leaf());
    let within = Router::new().fallback_service(stack);
    assert_private!(within, "the stack as fallback");
    assert_eq!(
        ask(&within, "/private/x", Some("s3cret")).await.body,
        "secret"
    );
}

#[tokio::test]
async fn both_layouts_of_s3pypi_are_served() {
    let s3 = FakeS3::start().await;
    s3.put("new-pkg/", "page of the key that ends in a slash");
    s3.put("old-pkg/index.html", "page of the index document");
    s3.put("console-folder/", "");
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(IndexRewriteLayer::new().with_folder_object())
        .service(S3Proxy::new(s3.client()));
    for (target, status, body) in [
        ("/new-pkg/", 200, "page of the key that ends in a slash"),
        ("/old-pkg/", 200, "page of the index document"),
        ("/console-folder/", 404, "404 Not Found\n"),
        ("/no-pkg/", 404, "404 Not Found\n"),
    ] {
        let answer = send(stack.clone(), get(target, &[])).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (status, body),
            "{target}"
        );
    }
}

#[tokio::test]
async fn the_stack_runs_in_hyper_and_in_axum() {
    let s3 = bucket().await;
    let stack = || {
        ServiceBuilder::new()
            .layer(CanonicalPathLayer::new())
            .layer(gate())
            .service(S3Proxy::new(s3.client()))
    };
    let in_hyper = Server::start(stack()).await;
    let router = Router::new().fallback_service(stack());
    let in_axum =
        Server::start(router.map_request(|request: Request<hyper::body::Incoming>| request)).await;
    for server in [&in_hyper, &in_axum] {
        let credentials = basic("ci", "s3cret");
        for (method, authorization, status, length, body) in [
            (
                "GET",
                credentials.as_str(),
                "200",
                "content-length: 4",
                Some("open"),
            ),
            ("HEAD", &credentials, "200", "content-length: 4", None),
            (
                "GET",
                "Basic ???",
                "401",
                "content-length: 17",
                Some("401 Unauthorized\n"),
            ),
            ("HEAD", "Basic ???", "401", "content-length: 17", None),
        ] {
            let request = format!(
                "{method} /public/x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
                 authorization: {authorization}\r\n\r\n"
            );
            let answer = server.raw(&request).await;
            let (head, got) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
            assert!(head.contains(length), "{method}: {head}");
            assert_eq!(got, body.unwrap_or_default(), "{method}");
        }
    }
}

#[tokio::test]
async fn absolute_targets_of_http_2_are_judged_alike() {
    let s3 = bucket().await;
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(PublicPaths::new(["/public/x"], gate()).unwrap())
        .service(S3Proxy::new(s3.client()));
    let server = Server::start(stack).await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http();
    for (path, login, status, body) in [
        ("/%70rivate/x", Some("s3cret"), 200, "secret"),
        ("/%70rivate/x", Some("guess"), 401, "401 Unauthorized\n"),
        ("/%70ublic/x", None, 200, "open"),
        (
            "/public/..%2Fprivate/x",
            None,
            400,
            "400 Bad Request: the path has a dot segment\n",
        ),
    ] {
        let mut request = Request::get(format!("{}{path}", server.url()));
        if let Some(password) = login {
            request = request.header("authorization", basic("ci", password));
        }
        let response = client
            .request(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(
            response.into_body().collect().await.unwrap().to_bytes(),
            body,
            "{path}"
        );
    }
}

#[tokio::test]
async fn axum_serves_a_router_that_is_wrapped_whole() {
    let routes = Router::new()
        .route(
            "/private/x",
            axum::routing::get(|| async { "secret" }).layer(gate()),
        )
        .fallback(|| async { "open" });
    let app = Router::new().fallback_service(CanonicalPathLayer::new().layer(routes));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let client = Client::builder(TokioExecutor::new()).build_http();
    for (path, login, status) in [
        ("/%70rivate/x", None, 401),
        ("/private%2Fx", None, 401),
        ("/%70rivate/x", Some("s3cret"), 200),
        ("/other", None, 200),
    ] {
        let mut request = Request::get(format!("{url}{path}"));
        if let Some(password) = login {
            request = request.header("authorization", basic("ci", password));
        }
        let response = client
            .request(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
    serving.abort();
}
