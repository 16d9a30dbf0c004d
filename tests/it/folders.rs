//! Folders of a bucket: their pages without a type, and the redirect to the slash at their end.

use http::Method;
use http::StatusCode;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::{CanonicalPathLayer, IndexRewriteLayer, S3Proxy, StripPrefixLayer};
use tower::{Layer, ServiceBuilder};

use crate::support::fake_s3::{FakeS3, Fault};
use crate::support::{basic, get, head_of, send};

#[tokio::test]
async fn an_index_without_a_type_is_html() {
    const AWS: &str = "binary/octet-stream";
    const OTHERS: &str = "Application/Octet-Stream";
    let s3 = FakeS3::start().await;
    for (key, stored) in [
        ("a/index.html", Some(AWS)),
        ("b/index.html", Some(OTHERS)),
        ("c/index.html", None),
        ("d/index.html", Some("text/html; charset=utf-8")),
        ("e/", Some(AWS)),
        ("page.html", Some(AWS)),
        ("f/index.json", Some(AWS)),
        ("404.html", Some(AWS)),
    ] {
        let headers: Vec<_> = stored
            .map(|stored| ("content-type", stored))
            .into_iter()
            .collect();
        s3.put_with(key, "<a>", &headers);
    }
    let proxy = S3Proxy::new(s3.client());
    let proxy = proxy.with_not_found_document("/404.html").unwrap();
    let html = IndexRewriteLayer::new().with_folder_object();
    let json = IndexRewriteLayer::new().with_index_document("index.json");
    let (html, json) = (html.layer(proxy.clone()), json.unwrap().layer(proxy));
    for (stack, target, sent) in [
        (&html, "/a/", Some("text/html")),
        (&html, "/b/", Some("text/html")),
        (&html, "/c/", Some("text/html")),
        (&html, "/d/", Some("text/html; charset=utf-8")),
        (&html, "/e/", Some("text/html")),
        (&html, "/missing", Some("text/html")),
        // The client has asked for the very object.
        (&html, "/a/index.html", Some(AWS)),
        (&html, "/page.html", Some(AWS)),
        (&json, "/f/", Some(AWS)),
    ] {
        for range in [&[][..], &[("range", "bytes=0-1")]] {
            let answer = send(stack.clone(), get(target, range)).await;
            assert_eq!(answer.header("content-type"), sent, "{target} {range:?}");
        }
        let answer = send(stack.clone(), head_of(target)).await;
        assert_eq!(answer.header("content-type"), sent, "HEAD {target}");
    }
}

#[tokio::test]
async fn a_missing_object_is_redirected_to_its_folder() {
    let s3 = FakeS3::start().await;
    s3.put("docs/index.html", "index");
    s3.put("v1.2/index.html", "index");
    s3.put("LICENSE", "object");
    s3.put("LICENSE/index.html", "index");
    s3.put("empty/x", "no index");
    let fault = Fault::Error(StatusCode::FORBIDDEN, "AccessDenied");
    s3.fail("denied/index.html", fault);
    let users = FixedUsers::new([("ci", "s3cret")]).unwrap();
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(BasicAuthLayer::new("site", users).unwrap())
        .layer(StripPrefixLayer::new("/m").unwrap())
        .layer(IndexRewriteLayer::new().with_folder_redirect())
        .service(S3Proxy::new(s3.client()));
    let login = basic("ci", "s3cret");
    for (target, status, location) in [
        ("/m/docs", 302, Some("./docs/")),
        ("/m/docs?a=b&c=//x", 302, Some("./docs/?a=b&c=//x")),
        ("/m/./%64ocs", 302, Some("./docs/")),
        ("/m/v1.2", 302, Some("./v1.2/")),
        ("/m/docs/", 200, None),
        ("/m/LICENSE", 200, None),
        ("/m/empty", 404, None),
        ("/m/missing", 404, None),
        ("/m/docs/index.html/", 404, None),
        ("/m//docs", 404, None),
        ("/m/denied", 502, None),
        ("/m/..%2Fdocs", 400, None),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let mut request = get(target, &[("authorization", &login)]);
            *request.method_mut() = method.clone();
            let answer = send(stack.clone(), request).await;
            assert_eq!(answer.status, status, "{method} {target}");
            assert_eq!(answer.header("location"), location, "{method} {target}");
            if status == 302 {
                assert_eq!(answer.header("cache-control"), Some("no-store"));
            }
        }
    }
    s3.wire();
    for target in ["/m/docs", "/m/missing"] {
        let answer = send(stack.clone(), get(target, &[])).await;
        assert_eq!(answer.status, 401, "{target} tells nothing without a login");
    }
    assert!(s3.wire().is_empty());
}
