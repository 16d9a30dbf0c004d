//! That nobody else sees the token.

use http::Request;
use portcullis::gate::{Carrier, Identity, TokenFromPath};
use portcullis::path_token::Redacted;
use portcullis::token::{Lookup, TokenDigest, TokenRecord, TokenStore, Tokens};
use portcullis::{CanonicalPathLayer, TokenAuthLayer};
use tower::{Layer, ServiceBuilder};

use super::layer;
use crate::support::{Echo, echo, get, send};

#[tokio::test]
async fn a_referer_with_a_token_goes_no_further() {
    for (referer, passes) in [
        ("https://host/conda/", true),
        ("https://host/tt/a/", true),
        ("https://host/t/s3cret/conda/", false),
        ("https://host/conda/%74%2Fs3cret", false),
        ("https://other/x/t/s3cret", false),
        ("https://host/?next=/t/s3cret", false),
        ("caf\u{e9}", false),
    ] {
        for target in ["/x", "/t/a/x"] {
            let mut request = get(target, &[("x-other", "kept")]);
            let value = http::HeaderValue::from_bytes(referer.as_bytes()).unwrap();
            request.headers_mut().insert("referer", value);
            let answer = send(layer().layer(echo()), request).await;
            let kept = answer.seen().headers.contains_key("referer");
            assert_eq!(kept, passes, "{referer} of {target}");
            assert_eq!(answer.seen().headers["x-other"], "kept");
        }
    }
}

#[test]
fn a_log_shows_no_token() {
    for (target, shown) in [
        ("/t/s3cret/x?q", "/t/<TOKEN>/x?q"),
        ("/t/s3cret", "/t/<TOKEN>"),
        ("/t/s3cret?q=1", "/t/<TOKEN>?q=1"),
        ("/t/s3cret#x", "/t/<TOKEN>#x"),
        ("/any/mount/t/s3cret/x", "/any/mount/t/<TOKEN>/x"),
        ("/%74/s3cret/x", "/%74/<TOKEN>/x"),
        ("/t%2Fs3cret%2fx", "/t%2F<TOKEN>%2fx"),
        ("/%74%2fs3cret", "/%74%2f<TOKEN>"),
        ("/t/s%33cret/x", "/t/<TOKEN>/x"),
        ("/t/s3.cr.et/x", "/t/<TOKEN>/x"),
        ("/t/s3cr%C3%A9t/x", "/t/<TOKEN>/x"),
        ("/t//s3cret/x", "/t//<TOKEN>/x"),
        ("/t/./s3cret/x", "/t/./<TOKEN>/x"),
        ("/t/%2E/s3cret/x", "/t/%2E/<TOKEN>/x"),
        ("/t/s3cret/t/s3cret/x", "/t/<TOKEN>/t/<TOKEN>/x"),
        ("/t/t/s3cret/x", "/t/<TOKEN>/<TOKEN>/x"),
        ("/t\\s3cret\\x", "/t\\<TOKEN>\\x"),
        ("/t%5Cs3cret%5cx%", "/t%5C<TOKEN>%5cx%"),
        (
            "https://h/t/s3cret/x?r=/t/s3cret&s",
            "https://h/t/<TOKEN>/x?r=/t/<TOKEN>&s",
        ),
        ("/t/é/日本", "/t/<TOKEN>/日本"),
        ("/t", "/t"),
        ("/t/", "/t/"),
        ("/x/to/y", "/x/to/y"),
        ("/x.t/y", "/x.t/y"),
        ("/T/y", "/T/y"),
        ("/100%/%2", "/100%/%2"),
        ("*", "*"),
        ("", ""),
    ] {
        let redacted = Redacted::new(target);
        assert_eq!(redacted.to_string(), shown, "{target}");
        assert_eq!(redacted.is_redacted(), target != shown, "{target}");
    }
}

const GOOD: &str = "pcl-0000000000000000000000000000003IZszq";

struct One;

impl TokenStore for One {
    fn find(&self, digest: &TokenDigest) -> Lookup {
        let record = TokenRecord::new("ci");
        Lookup::Now(Ok((*digest == TokenDigest::of(GOOD)).then_some(record)))
    }
}

#[tokio::test]
async fn no_order_of_layers_leaks_or_admits() {
    let gate = || {
        let gate = TokenAuthLayer::new("channels", Tokens::new(One)).unwrap();
        gate.with_carriers([Carrier::path_token()]).unwrap()
    };
    let bad = "/t/pcl-UVWXYZabcdefghijklmnopqrstuvwx1MvXe9/conda/x";
    for (target, in_order, wrong) in [
        (format!("/t/{GOOD}/conda/x"), true, true),
        (format!("/%74/{GOOD}/conda/x"), true, false),
        (bad.to_owned(), false, false),
        ("/conda/x".to_owned(), false, false),
    ] {
        let right = ServiceBuilder::new()
            .layer(CanonicalPathLayer::new())
            .layer(layer())
            .layer(gate())
            .service(Echo::new(echo()));
        let canonical_inside = ServiceBuilder::new()
            .layer(layer())
            .layer(CanonicalPathLayer::new())
            .layer(gate())
            .service(Echo::new(echo()));
        let gate_outside = ServiceBuilder::new()
            .layer(gate())
            .layer(CanonicalPathLayer::new())
            .layer(layer())
            .service(Echo::new(echo()));
        let answer = send(right, get(&target, &[])).await;
        assert_eq!(answer.passed(), in_order, "{target}");
        if answer.passed() {
            let seen = answer.seen();
            assert_eq!(seen.uri, "/conda/x");
            assert!(
                seen.extensions.get::<TokenFromPath>().is_none(),
                "it is stripped"
            );
            assert_eq!(seen.extensions.get::<Identity>().unwrap().subject(), "ci");
            // RFC 9111 knows of no credential in a path.
            let cache = answer.header("cache-control").unwrap();
            assert!(cache.contains("private"), "{cache}");
        }
        let answer = send(canonical_inside, get(&target, &[])).await;
        assert_eq!(answer.passed(), wrong, "{target}");
        let answer = send(gate_outside, get(&target, &[])).await;
        assert!(!answer.passed(), "{target}");
    }
}

#[tokio::test]
async fn only_an_outer_axum_router_keeps_the_token() {
    let router = || {
        let show = async |request: Request<axum::body::Body>| {
            let original = request.extensions().get::<axum::extract::OriginalUri>();
            format!("{} {}", request.uri(), original.unwrap().0)
        };
        axum::Router::new().route("/conda/{*rest}", axum::routing::get(show))
    };
    let target = format!("/t/{GOOD}/conda/x");
    let inside = layer().layer(router());
    let answer = send(inside.clone(), get(&target, &[])).await;
    assert_eq!(answer.body, "/conda/x /conda/x");
    // The trap that the module page names.
    let outside = axum::Router::new().fallback_service(inside);
    let answer = send(outside, get(&target, &[])).await;
    assert_eq!(answer.body, format!("/conda/x {target}"));
}
