//! Tokens in the path, and that nobody else sees them.

mod secrecy;

use http::Uri;
use portcullis::gate::{Carrier, Presented, RefusalKind, RefusalReason};
use portcullis::{CanonicalPathLayer, PathTokenLayer};
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
async fn tokens_are_removed_at_root_and_mounts() {
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
async fn malformed_and_repeated_tokens_are_refused() {
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
async fn a_second_layer_does_not_replace_the_token() {
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

#[test]
fn a_mount_is_checked_when_built() {
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
