use super::frames::Outcome::{self, Connection, Refused, Served, Stream};
use super::frames::{
    DATA, END_HEADERS, END_STREAM, GET, HEADERS, STREAM, WHOLE, block, frame, outcome,
};
use crate::support::{Gateway, OBJECT, Store};

type Lines = &'static [(&'static str, &'static str)];

/// Field lines behind those of a GET.
const ADDED: [(&str, Lines, Outcome); 27] = [
    ("a header", &[("x", "y")], Served),
    ("TE of trailers", &[("te", "trailers")], Served),
    ("an empty value", &[("x", "")], Served),
    ("a name in capitals", &[("X", "y")], Connection),
    ("an empty name", &[("", "y")], Connection),
    ("a space in a name", &[("x y", "z")], Connection),
    ("a colon in a name", &[("x:", "z")], Connection),
    ("a line end in a name", &[("x\r\ny", "z")], Connection),
    (
        "a line end in a value",
        &[("x", "y\r\nhost: z")],
        Connection,
    ),
    ("a line feed in a value", &[("x", "y\nz")], Connection),
    ("a return in a value", &[("x", "y\rz")], Connection),
    ("a NUL in a value", &[("x", "y\0z")], Connection),
    ("a connection", &[("connection", "close")], Stream),
    (
        "a proxy connection",
        &[("proxy-connection", "close")],
        Stream,
    ),
    ("keep-alive", &[("keep-alive", "x")], Stream),
    ("an encoding", &[("transfer-encoding", "chunked")], Stream),
    ("an upgrade", &[("upgrade", "h2c")], Stream),
    ("TE of chunked", &[("te", "chunked")], Stream),
    ("a path twice", &[(":path", "/y")], Stream),
    ("a method twice", &[(":method", "GET")], Stream),
    ("a scheme twice", &[(":scheme", "http")], Stream),
    ("an authority twice", &[(":authority", "h")], Stream),
    ("a status", &[(":status", "200")], Stream),
    ("an unknown pseudo-header", &[(":x", "y")], Connection),
    (
        "a length without a body",
        &[("content-length", "1")],
        Stream,
    ),
    (
        "two lengths",
        &[("content-length", "0"), ("content-length", "1")],
        Stream,
    ),
    (
        "a length with a plus sign",
        &[("content-length", "+0")],
        Stream,
    ),
];

/// A line of a GET that is left out, and what comes behind the others.
const REPLACED: [(&str, &str, Lines, Outcome); 14] = [
    ("no host", ":authority", &[], Refused),
    ("Host alone", ":authority", &[("host", "h")], Served),
    (
        "another Host",
        ":path",
        &[(":path", "/x"), ("host", "i")],
        Refused,
    ),
    (
        "two Hosts",
        ":path",
        &[(":path", "/x"), ("host", "h"), ("host", "h")],
        Refused,
    ),
    ("no method", ":method", &[], Stream),
    ("no scheme", ":scheme", &[], Stream),
    ("no path", ":path", &[], Stream),
    ("an empty path", ":path", &[(":path", "")], Stream),
    ("a space in a path", ":path", &[(":path", "x y")], Stream),
    (
        "a line end in a path",
        ":path",
        &[(":path", "/x HTTP/1.1\r\nx: y")],
        Stream,
    ),
    (
        "a space in a method",
        ":method",
        &[(":method", "G T")],
        Connection,
    ),
    (
        "a space in an authority",
        ":authority",
        &[(":authority", "a b")],
        Stream,
    ),
    (
        "a path after a header",
        ":path",
        &[("x", "y"), (":path", "/x")],
        Stream,
    ),
    (
        "a tunnel of WebSocket",
        ":method",
        &[(":method", "CONNECT"), (":protocol", "websocket")],
        Stream,
    ),
];

/// `content-length` and the parts of the body.
const BODIES: [(&str, &str, &[&[u8]], Outcome); 4] = [
    ("a body of its length", "2", &[b"ab"], Served),
    ("a longer body", "1", &[b"ab"], Stream),
    ("a body that grows", "3", &[b"ab", b"ab"], Stream),
    ("a shorter body", "3", &[b"ab"], Stream),
];

/// Field lines as RFC 9113 section 8 allows and forbids them.
#[test]
fn malformed_http2_requests_reach_nobody() {
    let store = Store::start(OBJECT);
    let gateway = Gateway::start(&Gateway::open_mount(&store.url));
    let get = || GET.into_iter();
    let whole = |lines: Vec<(&str, &str)>| frame(HEADERS, WHOLE, STREAM, &block(lines));
    let mut cases = vec![(
        "a tunnel",
        whole(vec![(":method", "CONNECT"), (":authority", "h:80")]),
        Refused,
    )];
    for (name, added, outcome) in ADDED {
        let lines = get().chain(added.iter().copied());
        cases.push((name, whole(lines.collect()), outcome));
    }
    for (name, out, added, outcome) in REPLACED {
        let lines = get().filter(|(name, _)| *name != out);
        let lines = lines.chain(added.iter().copied());
        cases.push((name, whole(lines.collect()), outcome));
    }
    for (name, length, parts, outcome) in BODIES {
        let lines = get().chain([("content-length", length)]);
        let mut case = frame(HEADERS, END_HEADERS, STREAM, &block(lines));
        for (at, part) in parts.iter().enumerate() {
            let flags = if at + 1 == parts.len() { END_STREAM } else { 0 };
            case.extend(frame(DATA, flags, STREAM, part));
        }
        cases.push((name, case, outcome));
    }
    let mut wrong = Vec::new();
    for (name, case, expected) in cases {
        let got = outcome(&gateway.address, &case);
        if got != expected {
            wrong.push((name, expected, got));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
