//! The index document of a folder.

use axum::body::Body;
use http::{Method, Request};
use portcullis::path::{AlternatePath, FolderRedirect, IndexDocument};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer};
use tower::ServiceBuilder;

use crate::support::{echo, get, send, through};

#[tokio::test]
async fn a_folder_becomes_its_index_document() {
    for (target, seen) in [
        ("/", "/index.html"),
        ("/simple/pkg/", "/simple/pkg/index.html"),
        ("/simple/?a=b/&c", "/simple/index.html?a=b/&c"),
        ("/simple/?", "/simple/index.html?"),
        ("//a//", "//a//index.html"),
        ("http://h:1/a/?q", "http://h:1/a/index.html?q"),
        ("/a%20b/", "/a%20b/index.html"),
        ("/simple", "/simple"),
        ("/simple?x=/", "/simple?x=/"),
        ("/file.whl", "/file.whl"),
        ("/a/index.html", "/a/index.html"),
    ] {
        let answer = through(
            &IndexRewriteLayer::new(),
            get(target, &[("range", "bytes=0-1")]),
        )
        .await;
        let seen_by_inner = answer.seen();
        assert_eq!(seen_by_inner.uri.to_string(), seen, "{target}");
        assert_eq!(seen_by_inner.headers["range"], "bytes=0-1");
        let extensions = &seen_by_inner.extensions;
        assert!(
            extensions.get::<AlternatePath>().is_none()
                && extensions.get::<FolderRedirect>().is_none(),
            "only where asked"
        );
        let is_marked = extensions.get::<IndexDocument>().is_some();
        assert_eq!(is_marked, seen_by_inner.uri != target, "{target}");
    }
}

#[tokio::test]
async fn any_method_is_rewritten() {
    for method in [Method::HEAD, Method::OPTIONS, Method::PUT] {
        let request = Request::builder()
            .method(method)
            .uri("/a/")
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            through(&IndexRewriteLayer::new(), request).await.seen().uri,
            "/a/index.html"
        );
    }
}

#[tokio::test]
async fn the_folder_itself_is_the_alternate_path() {
    let layer = IndexRewriteLayer::new().with_folder_object();
    let folder = through(&layer, get("/simple/a%20b/?q", &[])).await;
    assert_eq!(folder.seen().uri, "/simple/a%20b/index.html?q");
    let alternate = folder.seen().extensions.get::<AlternatePath>().unwrap();
    assert_eq!(alternate.as_str(), "/simple/a%20b/");
    let file = through(&layer, get("/simple/pkg.whl", &[])).await;
    assert!(file.seen().extensions.get::<AlternatePath>().is_none());
}

#[tokio::test]
async fn a_folder_without_its_slash_is_redirected() {
    let layer = IndexRewriteLayer::new().with_slash_redirect();
    for (target, location) in [
        ("/docs", Some("./docs/")),
        ("/a/b", Some("./b/")),
        ("/docs?a=b&c=//x", Some("./docs/?a=b&c=//x")),
        ("/docs?é=%C3", Some("./docs/?%C3%A9=%C3")),
        ("//evil", Some("./evil/")),
        ("/%2F%2Fevil", Some("./evil/")),
        ("/javascript:alert(1)", Some("./javascript%3Aalert%281%29/")),
        ("/a%20b", Some("./a%20b/")),
        ("/docs/", None),
        ("/index.html", None),
        ("/v1.2", None),
        ("/.hidden", None),
        ("/", None),
        ("/a%2F", None),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let request = Request::builder()
                .method(method)
                .uri(target)
                .body(Body::empty());
            let answer = through(&layer, request.unwrap()).await;
            assert_eq!(answer.header("location"), location, "{target}");
            assert_eq!(
                answer.status.as_u16(),
                if location.is_some() { 301 } else { 200 },
                "{target}"
            );
        }
    }
    let post = Request::post("/docs").body(Body::empty()).unwrap();
    assert!(through(&layer, post).await.passed());
    assert!(
        through(&IndexRewriteLayer::new(), get("/docs", &[]))
            .await
            .passed(),
        "off by default"
    );
}

#[tokio::test]
async fn a_folder_to_redirect_to_is_offered() {
    let layer = IndexRewriteLayer::new().with_folder_redirect();
    for (method, target, offered) in [
        (Method::GET, "/docs", Some(("/docs/index.html", "./docs/"))),
        (Method::HEAD, "/docs", Some(("/docs/index.html", "./docs/"))),
        (
            Method::GET,
            "/a/v1.2?q=//x",
            Some(("/a/v1.2/index.html", "./v1.2/?q=//x")),
        ),
        (
            Method::GET,
            "//evil",
            Some(("//evil/index.html", "./evil/")),
        ),
        (
            Method::GET,
            "/javascript%3Aalert%281%29",
            Some((
                "/javascript%3Aalert%281%29/index.html",
                "./javascript%3Aalert%281%29/",
            )),
        ),
        (Method::GET, "/docs/", None),
        (Method::GET, "/", None),
        (Method::POST, "/docs", None),
        (Method::OPTIONS, "/docs", None),
    ] {
        let mut request = get(target, &[]);
        *request.method_mut() = method;
        let answer = through(&layer, request).await;
        let found = answer.seen().extensions.get::<FolderRedirect>();
        let found = found.map(|it| (it.index(), it.location().to_str().unwrap()));
        assert_eq!(found, offered, "{target}");
    }
}

#[tokio::test]
async fn the_redirect_leads_within_the_mount() {
    let docs = IndexRewriteLayer::new().with_slash_redirect();
    let inner = tower::Layer::layer(&docs, echo());
    let router = axum::Router::new().nest_service("/mount", inner);
    let answer = send(router, get("/mount/docs", &[])).await;
    // Resolved against /mount/docs, this is /mount/docs/.
    assert_eq!(answer.header("location"), Some("./docs/"));
}

#[tokio::test]
async fn an_encoded_slash_ends_a_folder_too() {
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(IndexRewriteLayer::new())
        .service(echo());
    assert_eq!(
        send(stack.clone(), get("/docs%2F", &[])).await.seen().uri,
        "/docs/index.html"
    );
    assert_eq!(send(stack, get("/docs%2F..%2F", &[])).await.status, 400);
}

#[tokio::test]
async fn the_document_has_a_name_of_ones_own() {
    let layer = IndexRewriteLayer::new()
        .with_index_document("start page%.htm")
        .unwrap();
    let answer = through(&layer, get("/a/", &[])).await;
    assert_eq!(answer.seen().uri, "/a/start%20page%25.htm");
    for name in ["", "a/b", "/", "./a", ".", "..", "a\\b", "a\nb", "a\0"] {
        let error = IndexRewriteLayer::new()
            .with_index_document(name)
            .unwrap_err();
        assert_eq!(error.setting(), "index document", "{name:?}");
    }
}
