use std::convert::Infallible;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use portcullis::{CanonicalPathLayer, StripPrefixLayer};
use tower::util::BoxCloneSyncService;
use tower::{Layer, ServiceExt, service_fn};

use super::router::Router;
use crate::endpoint::{Endpoint, boxed};
use crate::mount_path::MountPath;

/// Answers with its name and the path that a leaf would see.
fn named(mount: &'static str) -> Endpoint<()> {
    let leaf = service_fn(move |request: Request<()>| {
        let text = format!("{mount} {}", request.uri().path());
        async { Ok::<_, Infallible>(Response::new(Full::from(text))) }
    });
    let strip = StripPrefixLayer::new(mount).unwrap().layer(leaf);
    let strip = strip.map_response(move |response| match response.status() {
        StatusCode::NOT_FOUND => boxed(Response::new(Full::from(mount))),
        _ => boxed(response),
    });
    BoxCloneSyncService::new(strip)
}

/// Routes a path among the mounts and the exact path `/-/live`.
async fn routed(target: &str, mounts: &[&'static str]) -> Result<String, StatusCode> {
    let mounts = mounts
        .iter()
        .map(|mount| (MountPath::parse(mount).unwrap(), named(mount)));
    let exact = vec![(String::from("/-/live"), named("/-"))];
    let router = CanonicalPathLayer::new().layer(Router::new(exact, mounts.collect()));
    let request = Request::get(target).header("host", "h").body(()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    if response.status() != StatusCode::OK {
        return Err(response.status());
    }
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn each_spelling_reaches_the_same_mount() {
    for (target, expected) in [
        ("/", "/ /"),
        ("/x", "/ /x"),
        ("/a", "/a"),
        ("/a/", "/a /"),
        ("/a/x", "/a /x"),
        ("/ab", "/ /ab"),
        ("/ab/x", "/ /ab/x"),
        ("/a/b", "/a/b"),
        ("/a/b/x", "/a/b /x"),
        ("/a/bc", "/a /bc"),
        ("/a%2Fb", "/a/b"),
        ("/a%2fb%2Fx", "/a/b /x"),
        ("/%61/x", "/a /x"),
        ("/%70rivate/x", "/private /x"),
        ("/private%2Fx", "/private /x"),
        // An empty segment is part of the path: this is the bucket's own key of that name.
        ("//x", "/ //x"),
        ("//ab", "/ //ab"),
        ("/a//c", "/a //c"),
        ("/a/b//c", "/a/b //c"),
        ("/A/x", "/ /A/x"),
        ("/%2561/x", "/ /%2561/x"),
        ("/-/live", "/- /live"),
        ("/%2D/live", "/- /live"),
        ("/-/live/", "/ /-/live/"),
        ("/-/livex", "/ /-/livex"),
    ] {
        let mounts = ["/", "/a", "/private", "/a/b"];
        assert_eq!(
            routed(target, &mounts).await.as_deref(),
            Ok(expected),
            "{target}"
        );
    }
}

#[tokio::test]
async fn no_path_climbs_into_a_mount() {
    for (target, status) in [
        ("/", StatusCode::NOT_FOUND),
        ("/ab", StatusCode::NOT_FOUND),
        ("//a/x", StatusCode::NOT_FOUND),
        ("/-/live/x", StatusCode::NOT_FOUND),
        ("/a/../private/x", StatusCode::BAD_REQUEST),
        ("/a/%2e%2e/private/x", StatusCode::BAD_REQUEST),
        ("/a%2F..%2Fprivate/x", StatusCode::BAD_REQUEST),
        ("/a%5C..%5Cprivate", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(
            routed(target, &["/a", "/private"]).await,
            Err(status),
            "{target}"
        );
    }
}

/// For a store that takes `a//b` for `a/b` they are objects of that mount.
#[tokio::test]
async fn empty_segments_lead_around_no_gate() {
    for target in [
        "//private/x",
        "///private/x",
        "/%2Fprivate/x",
        "//private",
        "//private//x",
        "//a",
        "/a//b",
        "/a//b/x",
        "/a%2F/b/x",
    ] {
        let found = routed(target, &["/", "/a", "/private", "/a/b"]).await;
        assert_eq!(found, Err(StatusCode::NOT_FOUND), "{target}");
    }
}
