//! That nobody else sees the token.

use http::Request;
use portcullis::gate::{Carrier, Identity, TokenFromPath};
use portcullis::path_token::Redacted;
use portcullis::token::{Lookup, TokenDigest, TokenRecord, TokenStore, Tokens};
use portcullis::{CanonicalPathLayer, TokenAuthLayer};
use tower::{Layer, ServiceBuilder};

use proptest::collection::vec;
use proptest::prelude::*;

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
        ("/T/s3cret/x", "/T/<TOKEN>/x"),
        ("/%54/s3cret", "/%54/<TOKEN>"),
        ("/%2574/s3cret", "/%2574/<TOKEN>"),
        ("/%25%37%34/s3cret", "/%25%37%34/<TOKEN>"),
        ("/t%252Fs3cret%252Fx", "/t%252F<TOKEN>%252Fx"),
        ("/t/../s3cret/x", "/t/../<TOKEN>/x"),
        ("/t/x/../s3cret/y", "/t/<TOKEN>/../<TOKEN>/y"),
        (
            "/conda/t/x/%2e%2E/s3cret",
            "/conda/t/<TOKEN>/%2e%2E/<TOKEN>",
        ),
        ("/a/x/../b/y", "/a/x/../b/y"),
        ("/t/%20/s3cret/x", "/t/%20/<TOKEN>/x"),
        ("/t%20/s3cret/x", "/t%20/<TOKEN>/x"),
        ("/t;v=1/s3cret/x", "/t;v=1/<TOKEN>/x"),
        ("/t./s3cret%00/x", "/t./<TOKEN>/x"),
        ("/conda%3Fr=/t%2Fs3cret", "/conda%3Fr=/t%2F<TOKEN>"),
        ("/tt/y", "/tt/y"),
        ("/t=/y", "/t=/y"),
        ("/%/%7/%zz/t", "/%/%7/%zz/t"),
        ("/100%/%2", "/100%/%2"),
        ("*", "*"),
        ("", ""),
    ] {
        let redacted = Redacted::new(target);
        assert_eq!(redacted.to_string(), shown, "{target}");
        assert_eq!(redacted.is_redacted(), target != shown, "{target}");
    }
}

/// A part of a target in one of its spellings: each character as it is, or escaped once or twice.
fn spelled(text: &'static str) -> impl Strategy<Value = String> {
    vec(0..4_usize, text.len()).prop_map(move |ways| {
        let spell = |(byte, way): (u8, usize)| match way {
            0 | 1 => char::from(byte).to_string(),
            2 => format!("%{byte:02x}"),
            _ => format!("%25{byte:02X}"),
        };
        text.bytes().zip(ways).map(spell).collect()
    })
}

/// A slash or a backslash, or several, with segments between them that people add by mistake.
fn separator() -> impl Strategy<Value = String> {
    let one = prop_oneof![spelled("/"), spelled("\\")];
    let nothing = prop_oneof![Just(""), Just("."), Just(".."), Just(" "), Just("%00")];
    let nothing = nothing.prop_flat_map(spelled);
    vec((one, nothing), 1..4).prop_map(|parts| {
        let mut parts = parts.into_iter();
        let (first, _) = parts.next().unwrap_or_default();
        parts.fold(first, |all, (slash, nothing)| all + &nothing + &slash)
    })
}

/// What remains of a text after all of its escapes are decoded.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    loop {
        let bytes = percent_encoding::percent_decode_str(&text);
        let next = bytes.decode_utf8_lossy().into_owned();
        if next == text {
            return text;
        }
        text = next;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_spelling_of_a_path_shows_its_token(
        mount in prop_oneof![Just(""), Just("/conda"), Just("/a/t.x"), Just("https://host/x?r=")],
        before in separator(),
        t in prop_oneof![spelled("t"), spelled("T"), spelled("t "), spelled("t.")],
        between in separator(),
        token in spelled("s3cret-t"),
        after in prop_oneof![Just(String::new()), separator(), Just("?q".to_owned())],
        rest in "[a-z%/.]{0,8}",
    ) {
        let target = format!("{mount}{before}{t}{between}{token}{after}{rest}");
        let shown = Redacted::new(&target);
        prop_assert!(shown.is_redacted(), "{target}");
        let shown = shown.to_string();
        prop_assert!(!decoded(&shown).contains("s3cret"), "{target}: {shown}");
        // What is not a token stays: it can be read what was asked for.
        let around = format!("{mount}{before}{t}{between}<TOKEN>");
        prop_assert!(shown.starts_with(&around), "{target}: {shown}");
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
