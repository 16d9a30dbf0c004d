//! Tokens in the path, and that nobody else sees them.

use http::{Request, Uri};
use portcullis::gate::{Carrier, Identity, PathToken, Presented, RefusalKind, RefusalReason};
use portcullis::path_token::Redacted;
use portcullis::token::{Lookup, TokenDigest, TokenRecord, TokenStore, Tokens};
use portcullis::{CanonicalPathLayer, PathTokenLayer, TokenAuthLayer};
use tower::{Layer, ServiceBuilder};

use crate::support::{Answer, Echo, echo, get, send};

fn layer() -> PathTokenLayer {
    PathTokenLayer::new()
        .with_mount("/conda")
        .unwrap()
        .with_mount("/b%c3%bcro/x/")
        .unwrap()
}

async fn ask(target: &str, headers: &[(&str, &str)]) -> Answer {
    let stack = ServiceBuilder::new()
        .layer(CanonicalPathLayer::new())
        .layer(layer())
        .service(Echo::new(echo()));
    send(stack, get(target, headers)).await
}

fn set_aside(answer: &Answer) -> Option<String> {
    let mut head = get("/", &[]).into_parts().0;
    head.extensions = answer.seen().extensions.clone();
    match Carrier::path_token().find(&head) {
        Presented::Given(token) => Some(token.as_str().to_owned()),
        _ => None,
    }
}

#[tokio::test]
async fn a_token_is_taken_at_the_root_and_after_the_mounts() {
    for (name, target, expected, token) in [
        (
            "at the root",
            "/t/a-B9/conda/noarch/x.json",
            "/conda/noarch/x.json",
            Some("a-B9"),
        ),
        (
            "after a mount",
            "/conda/t/a-B9/noarch/",
            "/conda/noarch/",
            Some("a-B9"),
        ),
        (
            "a mount of two",
            "/b%C3%BCro/x/t/a/y",
            "/b%C3%BCro/x/y",
            Some("a"),
        ),
        (
            "the query stays",
            "/t/a/x?q=%70&t=/t/b",
            "/x?q=%70&t=/t/b",
            Some("a"),
        ),
        ("an empty query", "/t/a/x?", "/x?", Some("a")),
        ("no rest", "/t/a", "/", Some("a")),
        ("a slash for a rest", "/t/a/", "/", Some("a")),
        ("no rest after a mount", "/conda/t/a", "/conda", Some("a")),
        ("a slash after a mount", "/conda/t/a/", "/conda/", Some("a")),
        ("no rest but a query", "/t/a?q", "/?q", Some("a")),
        ("an empty segment stays", "/t/a//x", "//x", Some("a")),
        ("an escape in the rest", "/t/a/%62%20c", "/b%20c", Some("a")),
        ("t is encoded", "/%74/a/x", "/x", Some("a")),
        ("the token is encoded", "/t/%61%2Db/x", "/x", Some("a-b")),
        ("the slashes are encoded", "/t%2Fa%2fx", "/x", Some("a")),
        (
            "the mount is encoded",
            "/c%6Fnda/t/a/x",
            "/conda/x",
            Some("a"),
        ),
        ("a token called t", "/t/t/x", "/x", Some("t")),
        (
            "absolute form",
            "http://host:81/t/a/x?q",
            "http://host:81/x?q",
            Some("a"),
        ),
        ("no token", "/conda/noarch/", "/conda/noarch/", None),
        ("elsewhere", "/x/t/a/y", "/x/t/a/y", None),
        (
            "deeper in a mount",
            "/conda/x/t/a/y",
            "/conda/x/t/a/y",
            None,
        ),
        (
            "a mount's name goes on",
            "/condas/t/a/y",
            "/condas/t/a/y",
            None,
        ),
        ("a segment that begins so", "/to/a/y", "/to/a/y", None),
        ("a capital", "/T/a/y", "/T/a/y", None),
        ("an empty segment before", "//t/a/y", "//t/a/y", None),
        ("t alone", "/t", "/t", None),
        ("the mount with t alone", "/conda/t", "/conda/t", None),
        ("in the query", "/x?/t/a/y", "/x?/t/a/y", None),
    ] {
        let answer = ask(target, &[]).await;
        let seen = answer.seen();
        assert_eq!(seen.uri.to_string(), expected, "{name}");
        assert_eq!(set_aside(&answer).as_deref(), token, "{name}");
        let policy = token.map(|_| "no-referrer");
        assert_eq!(answer.header("referrer-policy"), policy, "{name}");
        assert_eq!(
            answer.header("x-inner"),
            Some("1"),
            "{name}: the rest is untouched"
        );
    }
}

#[tokio::test]
async fn the_authority_of_http_2_stays() {
    let uri = Uri::builder()
        .scheme("https")
        .authority("host")
        .path_and_query("/conda/t/a/x")
        .build();
    let mut request = get("/", &[]);
    *request.uri_mut() = uri.unwrap();
    let answer = send(layer().layer(echo()), request).await;
    assert_eq!(answer.seen().uri, "https://host/conda/x");
}

#[tokio::test]
async fn what_no_part_may_take_for_a_path_is_refused() {
    for (name, target, why) in [
        ("an empty token", "/t//x", "malformed token in the path"),
        ("nothing behind t/", "/t/", "malformed token in the path"),
        (
            "after a mount",
            "/conda/t//x",
            "malformed token in the path",
        ),
        ("a JWT", "/t/e30.e30.e30/x", "malformed token in the path"),
        ("an underscore", "/t/a_b/x", "malformed token in the path"),
        ("a tilde", "/t/a~/x", "malformed token in the path"),
        ("padding", "/t/ab=/x", "malformed token in the path"),
        (
            "another alphabet",
            "/t/%C3%A9/x",
            "malformed token in the path",
        ),
        (
            "an escape that stays",
            "/t/a%2520/x",
            "malformed token in the path",
        ),
        ("two at the root", "/t/a/t/b/x", "two tokens in the path"),
        (
            "at the root and after a mount",
            "/t/a/conda/t/b/x",
            "two tokens in the path",
        ),
        (
            "two after a mount",
            "/conda/t/a/t/b/x",
            "two tokens in the path",
        ),
        (
            "the second is malformed",
            "/t/a/t//x",
            "two tokens in the path",
        ),
    ] {
        let answer = ask(target, &[]).await;
        assert!(!answer.passed(), "{name}");
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.body, "400 Bad Request\n", "{name}");
        assert_eq!(
            answer.header("referrer-policy"),
            Some("no-referrer"),
            "{name}"
        );
        let reason = answer.extensions.get::<RefusalReason>().unwrap();
        assert_eq!(reason.kind(), RefusalKind::Malformed, "{name}");
        assert_eq!(reason.to_string(), why, "{name}");
    }
}

#[tokio::test]
async fn a_second_layer_does_not_put_another_token_in_its_place() {
    let stack = |inner: PathTokenLayer| {
        ServiceBuilder::new()
            .layer(PathTokenLayer::new())
            .layer(inner)
            .service(Echo::new(echo()))
    };
    let inner = || PathTokenLayer::new().with_mount("/conda").unwrap();
    let answer = send(stack(inner()), get("/t/a/conda/t/b/x", &[])).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.passed());
    let answer = send(stack(inner()), get("/conda/t/b/x", &[])).await;
    assert_eq!(set_aside(&answer).as_deref(), Some("b"));
}

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
        ("/t/t/x", "/t/<TOKEN>/x"),
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

#[test]
fn a_mount_leaves_a_path_one_reading() {
    for (path, problem) in [
        ("/conda", None),
        ("/conda/", None),
        ("/a/%62", None),
        ("/", Some("is the root")),
        ("//", Some("is the root")),
        ("", Some("is not a path")),
        ("conda", Some("is not a path")),
        ("/a/../b", Some("is not a path")),
        ("/t", Some("has a segment")),
        ("/a/t/b", Some("has a segment")),
        ("/a/%74", Some("has a segment")),
        ("/a//b", Some("has a segment")),
    ] {
        match (PathTokenLayer::new().with_mount(path), problem) {
            (Ok(_), None) => {}
            (Err(error), Some(problem)) => {
                assert_eq!(error.setting(), "token mount", "{path}");
                assert!(error.problem().contains(problem), "{path}: {error}");
            }
            (layer, _) => panic!("{path}: {layer:?}"),
        }
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
async fn in_any_order_of_the_stack_a_bad_token_admits_nobody_and_a_good_one_is_not_seen() {
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
                seen.extensions.get::<PathToken>().is_none(),
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
async fn an_axum_router_outside_keeps_what_one_inside_never_sees() {
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
