//! `ErrorPagesLayer` over a service that refuses.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use portcullis::ErrorPagesLayer;
use portcullis::response::{answer_to, short_text};
use tower::{Layer, Service, service_fn};

use crate::support::{Answer, get, send};

const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);
const NAVIGATES: (&str, &str) = ("sec-fetch-mode", "navigate");

/// Refuses with the status in the path, and what may come beside it.
fn refusing()
-> impl Service<Request<Body>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send>
+ Clone {
    service_fn(|request: Request<Body>| async move {
        let status = request.uri().path()[1..].parse().unwrap();
        let mut response = answer_to(request.method(), short_text(status, "why"));
        let headers = response.headers_mut();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        let policy = HeaderValue::from_static("sandbox");
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        response.extensions_mut().insert("the reason");
        Ok(response.map(Full::new))
    })
}

async fn ask(target: &str, headers: &[(&str, &str)]) -> Answer {
    let stack = ErrorPagesLayer::new().layer(refusing());
    send(stack, get(target, headers)).await
}

fn is_page(answer: &Answer) -> bool {
    let is_html = answer.header("content-type") == Some("text/html; charset=utf-8");
    assert_eq!(answer.body.starts_with("<!DOCTYPE html>"), is_html);
    is_html
}

#[tokio::test]
async fn a_person_gets_a_page_with_a_way_on() {
    for (status, title, link) in [
        (401, "You are not signed in", r#"<a href="">Sign in</a>"#),
        (403, "You do not have access", r#"<a href="">Try again</a>"#),
        (404, "This page does not exist", r#"<a href="/">Go to"#),
        (429, "Too many requests", r#"<a href="">Try again</a>"#),
        (
            502,
            "This page is not available",
            r#"<a href="">Try again</a>"#,
        ),
        (
            503,
            "This page is not available",
            r#"<a href="">Try again</a>"#,
        ),
        (
            504,
            "This page is not available",
            r#"<a href="">Try again</a>"#,
        ),
    ] {
        let target = format!("/{status}");
        let answer = ask(&target, &[BROWSER, ("x-request-id", "1f0c-2")]).await;
        assert_eq!(answer.status, status);
        assert!(is_page(&answer), "{status}");
        for part in [title, link, "<code>1f0c-2</code>"] {
            assert!(answer.body.contains(part), "{status}: {part}");
        }
        assert_eq!(answer.header("www-authenticate"), Some("Basic"));
        assert_eq!(answer.header("retry-after"), Some("7"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("vary"), Some("Accept"));
        let policies = answer.all("content-security-policy");
        assert_eq!(policies[0], "sandbox", "{status}");
        assert!(policies[1].starts_with("default-src 'none'; style-src 'sha256-"));
        let reason = answer.extensions.get::<&str>();
        assert_eq!(reason, Some(&"the reason"), "for the log");
    }
    for status in [400, 405, 410, 412, 416, 500] {
        let answer = ask(&format!("/{status}"), &[BROWSER]).await;
        assert!(!is_page(&answer), "{status}");
        assert_eq!(answer.header("vary"), None, "{status}");
    }
}

#[tokio::test]
async fn programs_and_scripts_get_text() {
    for (name, headers, page) in [
        ("a browser", &[BROWSER][..], true),
        ("a browser over https", &[BROWSER, NAVIGATES], true),
        (
            "a navigation that takes anything",
            &[("accept", "*/*"), NAVIGATES],
            true,
        ),
        ("a script", &[BROWSER, ("sec-fetch-mode", "cors")], false),
        (
            "an image",
            &[("accept", "image/*,*/*"), ("sec-fetch-mode", "no-cors")],
            false,
        ),
        ("curl", &[("accept", "*/*")], false),
        ("conda", &[("accept", "application/json")], false),
        ("nothing", &[], false),
        (
            "pip",
            &[(
                "accept",
                "application/vnd.pypi.simple.v1+json, text/html; q=0.01",
            )],
            false,
        ),
    ] {
        let answer = ask("/404", headers).await;
        assert_eq!(is_page(&answer), page, "{name}");
        assert_eq!(answer.header("vary"), Some("Accept"), "{name}");
        if !page {
            assert_eq!(answer.body, "404 Not Found: why\n", "{name}");
            assert_eq!(answer.all("content-security-policy"), ["sandbox"]);
        }
    }
}

#[tokio::test]
async fn the_answer_to_head_has_the_length_of_the_page() {
    let stack = ErrorPagesLayer::new().layer(refusing());
    let mut request = get("/404", &[BROWSER]);
    *request.method_mut() = Method::HEAD;
    let answer = send(stack, request).await;
    let page = ask("/404", &[BROWSER]).await;
    let length = page.body.len().to_string();
    assert_eq!(answer.header("content-length"), Some(&*length));
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn nothing_but_a_plain_request_id_is_shown() {
    let longest = "x".repeat(64);
    for (id, shown) in [
        ("A-1_b.9", true),
        (&*longest, true),
        (&*format!("{longest}x"), false),
        ("<script>", false),
        ("a b", false),
        ("", false),
    ] {
        let answer = ask("/404?'script'", &[BROWSER, ("x-request-id", id)]).await;
        assert_eq!(answer.body.contains("<code>"), shown, "{id:?}");
        assert!(!answer.body.contains("script"), "{id:?}");
    }
}

#[tokio::test]
async fn bodies_of_other_parts_stay() {
    for (name, has_text, content_type) in [
        ("of another part", false, "text/plain; charset=utf-8"),
        ("a refusal with a body of its own", true, "application/json"),
    ] {
        let inner = service_fn(move |_: Request<Body>| async move {
            let mut response = if has_text {
                short_text(StatusCode::NOT_FOUND, "")
            } else {
                Response::new(Bytes::new())
            };
            *response.status_mut() = StatusCode::NOT_FOUND;
            let content_type = HeaderValue::from_static(content_type);
            response.headers_mut().insert("content-type", content_type);
            Ok::<_, Infallible>(response.map(|_| Full::new(Bytes::from("{}"))))
        });
        let answer = send(ErrorPagesLayer::new().layer(inner), get("/", &[BROWSER])).await;
        assert_eq!(answer.body, "{}", "{name}");
    }
}

#[tokio::test]
async fn a_closure_renders_a_page_of_ones_own() {
    let layer = ErrorPagesLayer::new().with_pages(|page, response| {
        let text = format!("{} {:?}", page.status().as_u16(), page.request_id());
        let mut response = response.map(|_| Bytes::from(text));
        *response.status_mut() = StatusCode::OK;
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("text/x-own"));
        headers.insert("x-own", HeaderValue::from_static("1"));
        response
    });
    let stack = layer.layer(refusing());
    let answer = send(stack, get("/403", &[BROWSER, ("x-request-id", "7")])).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (403, "403 Some(\"7\")")
    );
    assert_eq!(answer.header("content-type"), Some("text/x-own"));
    assert_eq!(answer.header("x-own"), Some("1"));
    assert_eq!(answer.header("www-authenticate"), Some("Basic"));
    assert_eq!(
        format!("{layer:?}"),
        "ErrorPagesLayer { pages: Pages { replacement: Some(<fn>) } }"
    );
}
