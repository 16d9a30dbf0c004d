//! The metadata of a protected resource (RFC 9728).

use axum::Router;
use http::{Method, Request};
use portcullis::gate::PublicPaths;
use portcullis::resource_metadata::BearerMethod;
use portcullis::{CanonicalPathLayer, JwtScopeLayer, ResourceMetadata};
use serde_json::{Value, json};
use tower::{Layer, ServiceBuilder};

use crate::support::issuer::issuer;
use crate::support::{Answer, get, head_of, send};

const RESOURCE: &str = "https://packages.example/simple";
const PATH: &str = "/.well-known/oauth-protected-resource/simple";

fn metadata() -> ResourceMetadata {
    ResourceMetadata::new(RESOURCE).unwrap()
}

fn document(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn the_well_known_path_follows_the_host() {
    let well_known = "/.well-known/oauth-protected-resource";
    for (resource, origin, rest) in [
        ("https://h.example", "https://h.example", ""),
        ("https://h.example/", "https://h.example", ""),
        ("https://h.example:8443/a", "https://h.example:8443", "/a"),
        ("https://h.example/a/b/", "https://h.example", "/a/b/"),
        (
            "https://h.example/%40scope",
            "https://h.example",
            "/%40scope",
        ),
        ("http://localhost:8080/a", "http://localhost:8080", "/a"),
        ("http://[::1]/a", "http://[::1]", "/a"),
    ] {
        let metadata = ResourceMetadata::new(resource).unwrap();
        assert_eq!(metadata.path(), format!("{well_known}{rest}"), "{resource}");
        assert_eq!(
            metadata.url(),
            format!("{origin}{well_known}{rest}"),
            "{resource}"
        );
    }
    for resource in [
        "",
        "h.example",
        "/simple",
        "http://h.example/",
        "ftp://h.example/",
        "https://h.example/a?b=c",
        "https://h.example/a?",
        "https://h.example/a#b",
        "https://u:p@h.example/a",
        "https://h.example/@scope",
        "https://h.example/%61",
        "https://h.example/a/../b",
    ] {
        let error = ResourceMetadata::new(resource).unwrap_err();
        assert_eq!(error.setting(), "resource", "{resource}");
    }
}

#[tokio::test]
async fn the_document_has_the_configured_members() {
    let answer = send(metadata(), get(PATH, &[("host", "attacker.example")])).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("max-age=3600"));
    assert_eq!(
        answer.header("content-length"),
        Some(&*answer.body.len().to_string())
    );
    let least = json!({"resource": RESOURCE, "bearer_methods_supported": ["header"]});
    assert_eq!(document(&answer), least);

    let metadata = metadata()
        .with_authorization_servers(["https://a.example", "https://b.example/realms/x"])
        .unwrap()
        .with_scopes_supported(["read", "write:all"])
        .unwrap()
        .with_bearer_methods([
            BearerMethod::Header,
            BearerMethod::Query,
            BearerMethod::Body,
        ])
        .with_resource_name("The \"wheels\"")
        .with_resource_documentation("https://docs.example/?page=1")
        .unwrap();
    let answer = send(metadata.clone(), get(PATH, &[])).await;
    let all = json!({
        "resource": RESOURCE,
        "authorization_servers": ["https://a.example", "https://b.example/realms/x"],
        "scopes_supported": ["read", "write:all"],
        "bearer_methods_supported": ["header", "query", "body"],
        "resource_name": "The \"wheels\"",
        "resource_documentation": "https://docs.example/?page=1",
    });
    assert_eq!(document(&answer), all);
    let none = send(metadata.with_bearer_methods([]), get(PATH, &[])).await;
    assert_eq!(document(&none)["bearer_methods_supported"], json!([]));
}

#[tokio::test]
async fn other_methods_and_other_paths_are_refused() {
    let length = send(metadata(), get(PATH, &[]))
        .await
        .body
        .len()
        .to_string();
    let answer = send(metadata(), head_of(PATH)).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, ""));
    assert_eq!(answer.header("content-length"), Some(&*length));
    for (method, path, status) in [
        (Method::POST, PATH, 405),
        (Method::OPTIONS, PATH, 405),
        (Method::GET, "/.well-known/oauth-protected-resource", 404),
        (
            Method::GET,
            "/.well-known/oauth-protected-resource/simple/",
            404,
        ),
        (
            Method::GET,
            "/.well-known/oauth-protected-resource/simpl%65",
            404,
        ),
        (
            Method::GET,
            "/simple/.well-known/oauth-protected-resource",
            404,
        ),
        (Method::POST, "/", 404),
    ] {
        let mut request = get(path, &[]);
        *request.method_mut() = method.clone();
        let answer = send(metadata(), request).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        let allowed = (status == 405).then_some("GET, HEAD");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        assert!(!answer.body.contains("packages.example"), "{method} {path}");
    }
}

#[test]
fn unusable_settings_are_refused() {
    for issuer in [
        "http://a.example",
        "https://a.example?x",
        "https://a.example/#x",
        "a",
    ] {
        let error = metadata().with_authorization_servers([issuer]).unwrap_err();
        assert_eq!(error.setting(), "authorization_servers", "{issuer}");
    }
    for scope in ["", "a b", "a\"b"] {
        let error = metadata().with_scopes_supported(["ok", scope]).unwrap_err();
        assert_eq!(error.setting(), "scopes", "{scope:?}");
    }
    let error = metadata().with_resource_documentation("docs").unwrap_err();
    assert_eq!(error.setting(), "resource_documentation");
}

/// The URL in the challenge answers without a token, routed before the gate or public behind it.
#[tokio::test]
async fn the_challenge_leads_to_the_document() {
    let gate = JwtScopeLayer::new("packages", issuer().verifier())
        .unwrap()
        .with_resource_metadata(metadata().url())
        .unwrap();
    let guarded = || Router::new().route("/simple", axum::routing::get(|| async { "wheel" }));
    let routed = Router::new()
        .route_service(metadata().path(), metadata())
        .fallback_service(gate.layer(guarded()));
    let behind = guarded().route_service(metadata().path(), metadata());
    let public = PublicPaths::new([metadata().path()], gate).unwrap();
    let behind = Router::new().fallback_service(public.layer(behind));
    for (name, router) in [("routed", routed), ("public", behind)] {
        let stack = ServiceBuilder::new()
            .layer(CanonicalPathLayer::new())
            .service(router);
        let refused = send(
            stack.clone(),
            get("/simple", &[("host", "attacker.example")]),
        )
        .await;
        assert_eq!(refused.status, 401, "{name}");
        let line = refused.all("www-authenticate")[0].to_owned();
        let [challenge] = &http_auth::parse_challenges(&line).unwrap()[..] else {
            panic!("{line}");
        };
        let url = challenge
            .params
            .iter()
            .find(|(name, _)| *name == "resource_metadata");
        let url: http::Uri = url.unwrap().1.to_unescaped().parse().unwrap();
        assert_eq!(url.host(), Some("packages.example"), "{name}");
        let request = Request::get(url.path())
            .body(axum::body::Body::empty())
            .unwrap();
        let found = send(stack, request).await;
        assert_eq!(found.status, 200, "{name}");
        assert_eq!(document(&found)["resource"], RESOURCE, "{name}");
    }
}
