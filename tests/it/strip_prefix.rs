//! The path below a mount.

use axum::body::Body;
use http::Request;
use portcullis::path::{AlternatePath, FolderRedirect, PathError, PathErrorKind};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, StripPrefixLayer};
use tower::{Layer, ServiceBuilder};

use crate::support::{Echo, echo, get, send, through};

fn layer(prefix: &str) -> StripPrefixLayer {
    StripPrefixLayer::new(prefix).unwrap()
}

fn with_alternate(target: &str, alternate: &str) -> Request<Body> {
    let mut request = get(target, &[("range", "bytes=0-1")]);
    let alternate = AlternatePath::new(alternate);
    request.extensions_mut().insert(alternate);
    request
}

#[tokio::test]
async fn the_inner_service_sees_the_path_below() {
    for (prefix, target, expected) in [
        ("/a", "/a/b", "/b"),
        ("/a/", "/a/b", "/b"),
        ("/a", "/a/", "/"),
        ("/a", "/a//b", "//b"),
        ("/a", "/a/a/b", "/a/b"),
        ("/a", "/a/b?q=%70&r=/a/", "/b?q=%70&r=/a/"),
        ("/a", "/a/?", "/?"),
        ("/a/b", "/a/b/c/", "/c/"),
        ("/%61%2Fb", "/a/b/c", "/c"),
        ("/é", "/%C3%A9/x", "/x"),
        ("/a", "http://h:1/a/b?q", "http://h:1/b?q"),
        ("/", "/a/b?q=1", "/a/b?q=1"),
        ("/", "/", "/"),
    ] {
        let answer = through(&layer(prefix), get(target, &[("range", "bytes=0-1")])).await;
        let seen = answer.seen();
        assert_eq!(seen.uri.to_string(), expected, "{target} at {prefix}");
        assert_eq!(seen.headers["range"], "bytes=0-1");
        assert!(seen.extensions.get::<AlternatePath>().is_none());
    }
}

#[tokio::test]
async fn a_path_outside_of_the_prefix_is_404() {
    for (prefix, target) in [
        ("/a", "/a"),
        ("/a", "/a?q=/a/b"),
        ("/a", "/ab"),
        ("/a", "/ab/c"),
        ("/a", "/A/b"),
        ("/a", "//a/b"),
        ("/a", "/"),
        ("/a", "/b/a/c"),
        ("/a", "/%61/b"),
        ("/a", "/a%2Fb"),
        ("/a", "*"),
        ("/a/b", "/a/c"),
        ("/a/b", "/a//b/c"),
    ] {
        let answer = through(&layer(prefix), get(target, &[])).await;
        assert_eq!(answer.status, 404, "{target} at {prefix}");
        assert!(!answer.passed(), "{target} at {prefix}");
        assert_eq!(answer.body, "404 Not Found\n");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let reason = answer.extensions.get::<PathError>().unwrap();
        assert_eq!(reason.kind(), PathErrorKind::NotBelowPrefix);
    }
}

#[tokio::test]
async fn the_canonical_spelling_is_stripped() {
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(layer("/a"))
        .service(Echo::new(echo()));
    for target in ["/%61/x%2b", "/a%2Fx+"] {
        let answer = send(stack.clone(), get(target, &[])).await;
        assert_eq!(answer.seen().uri, "/x%2B", "{target}");
    }
    let answer = send(stack, get("/a/../b", &[])).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn an_alternate_path_never_leaves_the_mount() {
    for (prefix, alternate, expected) in [
        ("/a", "/a/b/", Some("/b/")),
        ("/a", "/a/", Some("/")),
        ("/a", "/a", None),
        ("/a", "/b/", None),
        ("/a", "/ab/", None),
        ("/", "/b/", Some("/b/")),
    ] {
        let request = with_alternate("/a/b/index.html", alternate);
        let answer = through(&layer(prefix), request).await;
        let seen = answer.seen().extensions.get::<AlternatePath>();
        let seen = seen.map(AlternatePath::as_str);
        assert_eq!(seen, expected, "{alternate} at {prefix}");
    }
}

#[tokio::test]
async fn a_folder_redirect_never_leaves_the_mount() {
    for (index, expected) in [
        ("/a/b/index.html", Some("/b/index.html")),
        ("/b/index.html", None),
        ("/ab/index.html", None),
    ] {
        let mut request = get("/a/b", &[]);
        let location = http::HeaderValue::from_static("./b/");
        let redirect = FolderRedirect::new(index, location.clone());
        request.extensions_mut().insert(redirect);
        let answer = through(&layer("/a"), request).await;
        let seen = answer.seen().extensions.get::<FolderRedirect>();
        let expected = expected.map(|index| FolderRedirect::new(index, location));
        assert_eq!(seen, expected.as_ref(), "{index}");
    }
}

#[tokio::test]
async fn the_prefix_itself_is_redirected_to_its_folder() {
    let layer = |prefix| layer(prefix).with_slash_redirect();
    for (method, prefix, target, location) in [
        ("GET", "/a", "/a", Some("./a/")),
        ("HEAD", "/a", "/a", Some("./a/")),
        ("GET", "/a/b", "/a/b?q=/&r", Some("./b/?q=/&r")),
        ("GET", "/@a", "/%40a", Some("./%40a/")),
        ("POST", "/a", "/a", None),
        ("GET", "/a", "/b", None),
        ("GET", "/a", "/ab", None),
    ] {
        let mut request = get(target, &[]);
        *request.method_mut() = method.parse().unwrap();
        let answer = through(&layer(prefix), request).await;
        let status = if location.is_some() { 302 } else { 404 };
        assert_eq!(answer.status, status, "{method} {target}");
        assert_eq!(answer.header("location"), location, "{method} {target}");
        assert!(!answer.passed());
    }
    for (prefix, target) in [("/a", "/a/"), ("/a", "/a/b"), ("/", "/")] {
        assert!(through(&layer(prefix), get(target, &[])).await.passed());
    }
}

#[tokio::test]
async fn routes_of_axum_reach_the_redirect() {
    let service = || layer("/docs").with_slash_redirect().layer(echo());
    let router = axum::Router::new()
        .route_service("/docs", service())
        .route_service("/docs/", service())
        .route_service("/docs/{*rest}", service());
    let answer = send(router.clone(), get("/docs", &[])).await;
    assert_eq!(answer.header("location"), Some("./docs/"));
    for target in ["/docs/", "/docs/a/b"] {
        let answer = send(router.clone(), get(target, &[])).await;
        assert_eq!(answer.seen().uri, target["/docs".len()..], "{target}");
    }
}

#[tokio::test]
async fn an_index_rewrite_stands_outside_or_inside() {
    let index = || IndexRewriteLayer::new().with_folder_object();
    let outside = ServiceBuilder::new()
        .layer(index())
        .layer(layer("/a"))
        .service(Echo::new(echo()));
    let inside = ServiceBuilder::new()
        .layer(layer("/a"))
        .layer(index())
        .service(Echo::new(echo()));
    for (answer, name) in [
        (send(outside, get("/a/b/?q", &[])).await, "outside"),
        (send(inside, get("/a/b/?q", &[])).await, "inside"),
    ] {
        let seen = answer.seen();
        assert_eq!(seen.uri, "/b/index.html?q", "{name}");
        let alternate = seen.extensions.get::<AlternatePath>().unwrap();
        assert_eq!(alternate.as_str(), "/b/", "{name}");
    }
}

#[test]
fn a_prefix_is_checked_when_built() {
    for prefix in ["/", "/a", "/a/", "/%61/b", "/a/..b"] {
        assert!(StripPrefixLayer::new(prefix).is_ok(), "{prefix:?}");
    }
    for prefix in [
        "", "a", "/a/../b", "/%2e%2e", "/a\\b", "//", "/a//b", "/a//", "/a%zz",
    ] {
        let error = StripPrefixLayer::new(prefix).unwrap_err();
        assert_eq!(error.setting(), "prefix", "{prefix:?}");
    }
}
