//! The path below a mount.

use axum::body::Body;
use http::Request;
use portcullis::path::{AlternatePath, PathError, PathErrorKind};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, StripPrefixLayer};
use tower::ServiceBuilder;

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
