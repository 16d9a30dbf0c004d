//! The options of `S3Proxy`, each beside a proxy without it.

use std::convert::Infallible;

use axum::body::Body;
use http::{Method, Response, StatusCode};
use portcullis::S3Proxy;
use portcullis::gate::Identity;
use portcullis::path::AlternatePath;
use portcullis::s3::{Bucket, BucketClient, ContentTypes, HtmlPolicy, S3Error};
use tower::service_fn;

use crate::support::fake_s3::{ETAG, FakeS3, Fault, SECRET, credentials};
use crate::support::{get, head_of, send};

#[tokio::test]
async fn the_suffix_chooses_the_content_type() {
    let s3 = FakeS3::start().await;
    let stored = [("content-type", "application/x-gzip")];
    for key in ["a.whl", "a.tar.gz", "a.html", "pkg/"] {
        s3.put_with(key, "object", &stored);
    }
    let plain = S3Proxy::new(s3.client());
    let typed = plain.clone().with_content_types(ContentTypes::packages());
    for (target, content_type) in [
        ("/a.whl", "application/zip"),
        ("/a.tar.gz", "application/gzip"),
        ("/a.html", "application/x-gzip"),
        ("/pkg/", "application/x-gzip"),
    ] {
        for request in [
            get(target, &[]),
            head_of(target),
            get(target, &[("range", "bytes=0-1")]),
        ] {
            let answer = send(typed.clone(), request).await;
            assert_eq!(
                answer.header("content-type"),
                Some(content_type),
                "{target}"
            );
            assert_eq!(answer.header("content-encoding"), None);
        }
        let answer = send(plain.clone(), get(target, &[])).await;
        assert_eq!(answer.header("content-type"), Some("application/x-gzip"));
        let unchanged = send(typed.clone(), get(target, &[("if-none-match", ETAG)])).await;
        assert_eq!(
            (unchanged.status.as_u16(), unchanged.header("content-type")),
            (304, None)
        );
    }
    // The suffix is that of the served key, not of the one that was asked for first.
    s3.put_with("dir.whl/", "page", &[("content-type", "text/html")]);
    let mut request = get("/dir.whl/index.whl", &[]);
    let alternate = AlternatePath::new("/dir.whl/");
    request.extensions_mut().insert(alternate);
    let answer = send(typed, request).await;
    assert_eq!(answer.header("content-type"), Some("text/html"));
}

#[tokio::test]
async fn an_uploaded_page_is_sandboxed_or_saved() {
    let s3 = FakeS3::start().await;
    let page = [
        ("content-type", "text/html"),
        ("content-disposition", "inline"),
    ];
    s3.put_with("page.html", "<script>", &page);
    s3.put_with("image.png", "pixels", &[("content-type", "image/png")]);
    for (policy, target, csp, disposition) in [
        (HtmlPolicy::AsStored, "/page.html", None, Some("inline")),
        (HtmlPolicy::AsStored, "/image.png", None, None),
        (
            HtmlPolicy::Sandbox,
            "/page.html",
            Some("sandbox"),
            Some("inline"),
        ),
        (HtmlPolicy::Sandbox, "/image.png", Some("sandbox"), None),
        (
            HtmlPolicy::Attachment,
            "/page.html",
            None,
            Some("attachment"),
        ),
        (HtmlPolicy::Attachment, "/image.png", None, None),
    ] {
        let proxy = S3Proxy::new(s3.client()).with_html_policy(policy);
        for headers in [&[][..], &[("range", "bytes=0-1")]] {
            let answer = send(proxy.clone(), get(target, headers)).await;
            assert_eq!(
                answer.header("content-security-policy"),
                csp,
                "{policy:?} {target}"
            );
            assert_eq!(
                answer.header("content-disposition"),
                disposition,
                "{policy:?} {target}"
            );
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        }
    }
}

#[tokio::test]
async fn a_304_has_no_disposition() {
    // Without the type, as Amazon S3 answers, so that the disposition cannot be judged.
    let unchanged = service_fn(|_| async {
        let response = Response::builder()
            .status(304)
            .header("etag", ETAG)
            .header("content-range", "bytes 0-1/2");
        Ok::<_, Infallible>(response.body(Body::empty()).unwrap())
    });
    let bucket = Bucket::new("wheels", "eu-west-1").unwrap();
    let client = BucketClient::with_client(unchanged, bucket, credentials(SECRET));
    let proxy = S3Proxy::new(client).with_html_policy(HtmlPolicy::Attachment);
    let answer = send(proxy, get("/image.png", &[("if-none-match", ETAG)])).await;
    assert_eq!(answer.status, 304);
    assert_eq!(answer.header("etag"), Some(ETAG));
    assert_eq!(answer.header("content-disposition"), None);
    assert_eq!(answer.header("content-range"), None);
}

#[tokio::test]
async fn a_type_from_the_query_is_judged_too() {
    let s3 = FakeS3::start().await;
    s3.put_with("a.txt", "<script>", &[("content-type", "text/plain")]);
    let proxy = S3Proxy::new(s3.client())
        .with_html_policy(HtmlPolicy::Attachment)
        .with_query_parameters(["response-content-type"])
        .unwrap();
    for (target, content_type, disposition) in [
        ("/a.txt", "text/plain", None),
        (
            "/a.txt?response-content-type=text%2Fhtml",
            "text/html",
            Some("attachment"),
        ),
    ] {
        let answer = send(proxy.clone(), get(target, &[])).await;
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert_eq!(answer.header("content-disposition"), disposition);
    }
}

#[tokio::test]
async fn only_an_empty_alternate_is_a_marker() {
    let s3 = FakeS3::start().await;
    s3.put("page/", "page");
    s3.put("marker/", "");
    s3.fail("unmeasured/", Fault::Unmeasured);
    let proxy = S3Proxy::new(s3.client());
    let range = &[("range", "bytes=0-1")][..];
    for (alternate, headers, status, asked) in [
        ("/page/", &[][..], 200, 2),
        ("/page/", range, 206, 2),
        ("/page/", &[("if-none-match", ETAG)], 304, 3),
        ("/marker/", &[], 404, 2),
        ("/marker/", range, 404, 2),
        ("/marker/", &[("if-none-match", ETAG)], 404, 3),
        ("/unmeasured/", &[], 200, 3),
    ] {
        let mut request = get("/missing", headers);
        let second = AlternatePath::new(alternate);
        request.extensions_mut().insert(second);
        let answer = send(proxy.clone(), request).await;
        let found = (answer.status.as_u16(), s3.wire().len());
        assert_eq!(found, (status, asked), "{alternate} {headers:?}");
    }
}

#[tokio::test]
async fn only_named_headers_of_s3_pass() {
    let s3 = FakeS3::start().await;
    s3.put_with("a", "object", &[("x-amz-version-id", "v1")]);
    let plain = S3Proxy::new(s3.client());
    let named = plain
        .clone()
        .with_response_headers(["X-Amz-Version-Id", "etag"])
        .unwrap();
    for (proxy, version) in [(plain.clone(), None), (named, Some("v1"))] {
        let answer = send(proxy, get("/a", &[])).await;
        assert_eq!(answer.header("x-amz-version-id"), version);
        assert_eq!(answer.header("x-amz-meta-owner"), None);
        assert_eq!(answer.all("etag"), [ETAG], "what passes anyhow passes once");
    }
    for name in [
        "",
        "a b",
        "Connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ] {
        let error = plain
            .clone()
            .with_response_headers(["etag", name])
            .unwrap_err();
        assert_eq!(error.setting(), "response headers", "{name}");
    }
}

#[tokio::test]
async fn only_allowed_parameters_reach_s3() {
    let s3 = FakeS3::start().await;
    s3.put("a", "object");
    let plain = S3Proxy::new(s3.client());
    let versions = plain.clone().with_query_parameters(["versionId"]).unwrap();
    for (target, status, query) in [
        ("/a", 200, None),
        ("/a?versionId=v1", 200, Some("versionId=v1")),
        ("/a?acl&versionId=v1&uploads", 200, Some("versionId=v1")),
        ("/a?acl", 200, None),
        ("/a?response-content-type=text/html", 200, None),
        ("/a?versionId=gone", 404, Some("versionId=gone")),
        ("/a?versionId=marker", 404, Some("versionId=marker")),
        ("/a?versionId=no%20id", 400, Some("versionId=no%20id")),
    ] {
        let answer = send(versions.clone(), get(target, &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        assert_eq!(s3.wire()[0].uri.query(), query, "{target}");
        let head = send(versions.clone(), head_of(target)).await;
        assert_eq!(head.status.as_u16(), status, "HEAD {target}");
        s3.wire();

        let answer = send(plain.clone(), get(target, &[])).await;
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(s3.wire()[0].uri.query(), None, "{target}");
    }
    // Encoded, the last one is longer than any URL may be.
    let long = ["/a?versionId=", &"!".repeat(30_000)].concat();
    for target in ["/a?versionId=v1&versionId=v1", &long] {
        let answer = send(versions.clone(), get(target, &[])).await;
        assert_eq!(answer.status, 400);
    }
    assert!(s3.wire().is_empty());
    // A 400 for another reason is the gateway's fault.
    for (sent, target, code, status) in [
        (400, "/a?versionId=v1", "InvalidArgument", 400),
        (400, "/a?versionId=v1", "InvalidRequest", 400),
        (400, "/a?versionId=v1", "ExpiredToken", 502),
        (409, "/a?versionId=v1", "InvalidRequest", 502),
        (400, "/a", "InvalidArgument", 502),
    ] {
        s3.fail("a", Fault::Error(StatusCode::from_u16(sent).unwrap(), code));
        let answer = send(versions.clone(), get(target, &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{target}: {sent} {code}");
    }
    let error = plain
        .with_query_parameters(["versionId", "acl"])
        .unwrap_err();
    assert_eq!(error.setting(), "query parameters");
}

#[tokio::test]
async fn a_document_is_shown_for_what_is_missing() {
    let s3 = FakeS3::start().await;
    let expires = ("expires", "Wed, 21 Oct 2099 07:28:00 GMT");
    let page = [("content-type", "text/html"), expires];
    s3.put_with("errors/404.html", "not here", &page);
    s3.put("a", "object");
    s3.put("pkg/index.html", "page");
    let plain = S3Proxy::new(s3.client());
    let proxy = plain
        .clone()
        .with_not_found_document("/errors/404%2Ehtml")
        .unwrap();
    for (target, status, body) in [
        ("/a", 200, "object"),
        ("/missing", 404, "not here"),
        ("/errors/404.html", 200, "not here"),
        (
            "/a/../b",
            400,
            "400 Bad Request: the path has a dot segment\n",
        ),
    ] {
        let answer = send(proxy.clone(), get(target, &[])).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        if status == 400 {
            assert!(answer.body.starts_with("400"), "{}", answer.body);
        } else {
            assert_eq!(answer.body, body, "{target}");
        }
    }
    // Neither the client's range nor its preconditions are about the document.
    let headers = [("range", "bytes=0-1"), ("if-none-match", ETAG)];
    let mut request = get("/missing", &headers);
    request
        .extensions_mut()
        .insert(Identity::new("basic", "ci"));
    let answer = send(proxy.clone(), request).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (404, "not here"));
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("vary"), Some("Authorization, Cookie"));
    for name in [
        "etag",
        "expires",
        "last-modified",
        "accept-ranges",
        "content-range",
    ] {
        assert_eq!(answer.header(name), None, "{name}");
    }
    let typed = proxy.clone().with_content_types(ContentTypes::packages());
    let answer = send(typed, get("/missing.whl", &[])).await;
    assert_eq!(answer.header("content-type"), Some("text/html"));
    let head = send(proxy.clone(), head_of("/missing")).await;
    assert_eq!((head.status.as_u16(), &*head.body), (404, ""));
    assert_eq!(head.header("content-length"), Some("8"));

    let status = StatusCode::NOT_IMPLEMENTED;
    s3.fail("errors/404.html", Fault::Error(status, "NotImplemented"));
    let answer = send(proxy, get("/missing", &[])).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (404, "404 Not Found\n")
    );
    assert!(
        answer.extensions.get::<S3Error>().is_some(),
        "the log learns of it"
    );
    for path in ["404.html", "/", "/../404.html"] {
        let error = plain.clone().with_not_found_document(path).unwrap_err();
        assert_eq!(error.setting(), "not found document", "{path}");
    }
    let mut options = get("/missing", &[]);
    *options.method_mut() = Method::OPTIONS;
    assert_eq!(
        send(plain, options.map(|_| Body::empty())).await.status,
        200
    );
}
