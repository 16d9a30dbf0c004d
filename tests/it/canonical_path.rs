//! `CanonicalPathLayer` over a service, and over the wire.

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use portcullis::CanonicalPathLayer;
use portcullis::path::{PathError, PathErrorKind};
use tower::{Layer, ServiceBuilder, service_fn};

use crate::support::server::Server;
use crate::support::{get, through};

#[tokio::test]
async fn the_inner_service_sees_the_canonical_spelling() {
    for (target, seen) in [
        ("/simple/pkg/?q=%70", "/simple/pkg/?q=%70"),
        ("/%70rivate/x?a=/../%00", "/private/x?a=/../%00"),
        ("/a%2Fb", "/a/b"),
        ("/repo/./Packages?./x", "/repo/Packages?./x"),
        ("/x%2F%2e", "/x/"),
        ("/./", "/"),
        ("/a+b@c", "/a%2Bb%40c"),
        ("http://host:81/%61?q", "http://host:81/a?q"),
        ("http://host", "http://host/"),
        ("/a?", "/a?"),
        ("/%61?", "/a?"),
    ] {
        let answer = through(&CanonicalPathLayer::new(), get(target, &[("x-any", "1")])).await;
        assert_eq!(answer.seen().uri.to_string(), seen, "{target}");
        assert_eq!(answer.seen().headers["x-any"], "1");
    }
}

#[tokio::test]
async fn an_unsafe_path_gets_a_short_400() {
    for (target, kind) in [
        ("/a/../b", PathErrorKind::DotSegment),
        ("/a/%2e%2e/b", PathErrorKind::DotSegment),
        ("/a%2f%2e.", PathErrorKind::DotSegment),
        ("/a/./%2e%2E/b", PathErrorKind::DotSegment),
        ("/a%5c..%5cb", PathErrorKind::Backslash),
        ("/a%00", PathErrorKind::ControlByte),
        ("/a%0d%0ax:y", PathErrorKind::ControlByte),
        ("/a%", PathErrorKind::BadEscape),
        ("/a%c0%ae", PathErrorKind::NotUtf8),
    ] {
        let answer = through(&CanonicalPathLayer::new(), get(target, &[])).await;
        assert_eq!(answer.status, 400, "{target}");
        assert!(!answer.passed() && answer.body.len() < 100, "{target}");
        assert_eq!(
            answer.extensions.get::<PathError>().unwrap().kind(),
            kind,
            "{target}"
        );
    }
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri("*")
        .body(Body::empty());
    let answer = through(&CanonicalPathLayer::new(), request.unwrap()).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a_path_too_long_by_escapes_is_414() {
    // A target has at most 65,534 bytes; each of these becomes three.
    let longest = format!("/{}", "+".repeat(21_000));
    assert!(
        through(&CanonicalPathLayer::new(), get(&longest, &[]))
            .await
            .passed()
    );
    let too_long = format!("/{}", "+".repeat(22_000));
    let answer = through(&CanonicalPathLayer::new(), get(&too_long, &[])).await;
    assert_eq!(answer.status, 414);
    assert_eq!(
        answer.extensions.get::<PathError>().unwrap().kind(),
        PathErrorKind::TooLong
    );
}

#[tokio::test]
async fn hostile_request_lines_never_reach_the_service() {
    let echo = service_fn(|request: Request<hyper::body::Incoming>| async move {
        let path = request.uri().path().to_owned();
        Ok::<_, std::convert::Infallible>(http::Response::new(Full::<Bytes>::from(path)))
    });
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .service(echo);
    let server = Server::start(stack).await;
    for (target, status) in [
        ("/ok", "200"),
        ("/a'()!*b", "200"),
        ("/\u{e9}", "200"),
        ("/a\\b", "400"),
        ("/../etc/passwd", "400"),
        ("/%2e%2e/etc/passwd", "400"),
        ("/..%2f..%2fetc/passwd", "400"),
        ("/./ok", "200"),
        ("/..;/x/..", "400"),
        ("/%00", "400"),
        ("/a\u{0}b", "400"),
        ("/%", "400"),
        ("*", "400"),
        ("no-slash", "400"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        let answer = server.raw(&request).await;
        let line = answer.lines().next().unwrap_or_default();
        assert!(line.contains(status), "{target:?}: {line:?}");
    }
}

#[tokio::test]
async fn it_wraps_an_axum_router() {
    use axum::Router;
    use axum::routing::get as route;
    let router = || {
        Router::new()
            .route("/private/x", route(|| async { "private" }))
            .fallback(|| async { "public" })
    };
    let send = |service, target| {
        let request = get(target, &[]);
        async move { crate::support::send::<_, _>(service, request).await.body }
    };
    let wrapped = |target| send(CanonicalPathLayer::new().layer(router()), target);
    assert_eq!(wrapped("/%70rivate/x").await, "private");
    assert_eq!(wrapped("/private%2Fx").await, "private");
    assert_eq!(wrapped("/other").await, "public");
}
