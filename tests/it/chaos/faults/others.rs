//! What is not HTTP, answers to other requests, and what does no harm.

use http::Method;

use super::answers::{answer, answers, xml};
use super::fault::Expected::{Healthy, Status};
use super::fault::{Fault, bytes, fault};
use crate::chaos::shape::Shape;
use crate::support::fault_proxy::Step;

/// What is not HTTP, or not an answer.
pub(super) fn garbage() -> Vec<Fault> {
    let mut huge = String::from("HTTP/1.1 200 OK\r\n");
    for _ in 0..100_000 {
        huge.push_str("x: aaaaaaaa\r\n");
    }
    let mut garbage: Vec<Fault> = [
        ("another protocol", "SSH-2.0-OpenSSH_9.6\r\n"),
        ("a TLS alert", "\x15\x03\x01\x00\x02\x02\x50"),
        ("zeros", "\0\0\0\0\0\0\0\0"),
        (
            "HTTP/2",
            "\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\0\x7f\x7f",
        ),
        ("no status", "HTTP/1.1 abc OK\r\n\r\n"),
        (
            "an unknown status",
            "HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n",
        ),
        (
            "an unknown version",
            "HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n",
        ),
        (
            "another protocol by 101",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        ),
        (
            "a line without a colon",
            "HTTP/1.1 200 OK\r\netag \"v1\"\r\n\r\n",
        ),
        (
            "a header with NUL",
            "HTTP/1.1 200 OK\r\netag: \"\0\"\r\n\r\n",
        ),
        ("a huge head", &huge),
    ]
    .into_iter()
    .map(|(name, text)| {
        let text = text.to_owned();
        fault(
            name,
            |_| Status(502),
            move |_| vec![bytes(&text), Step::Close],
        )
    })
    .collect();
    garbage.push(
        fault(
            "hints, then silence",
            |_| Status(504),
            |_| {
                vec![
                    bytes("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"),
                    Step::Stall,
                ]
            },
        )
        .slow(),
    );
    garbage
}

/// Success, but not of this request.
pub(super) fn parts() -> Vec<Fault> {
    let whole_as_part = |shape: &Shape| match (shape.range, shape.is_conditional) {
        (Some(_), _) | (_, true) => Healthy,
        _ => Status(502),
    };
    vec![
        fault(
            "another part",
            |shape| {
                if shape.range.is_some() {
                    Status(502)
                } else {
                    Healthy
                }
            },
            |exchange| {
                let head = String::from_utf8(exchange.head.clone()).unwrap();
                let head = head.replace("content-range: bytes ", "content-range: bytes 1");
                vec![bytes(head), bytes(&exchange.body)]
            },
        ),
        fault(
            "a part of unknown place",
            |shape| {
                if shape.range.is_some() {
                    Status(502)
                } else {
                    Healthy
                }
            },
            |exchange| {
                vec![
                    bytes(exchange.head_with(&["content-range"], "")),
                    bytes(&exchange.body),
                ]
            },
        ),
        fault("a part that nobody asked for", whole_as_part, |exchange| {
            let head = String::from_utf8(exchange.head_with(&[], "")).unwrap();
            let head = head.replace(
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-299/300\r\n",
            );
            vec![bytes(head), bytes(&exchange.body)]
        }),
        fault(
            "304",
            |shape| {
                if shape.is_conditional {
                    Healthy
                } else {
                    Status(502)
                }
            },
            |_| vec![bytes("HTTP/1.1 304 Not Modified\r\netag: \"v1\"\r\n\r\n")],
        ),
        answers(
            "412",
            502,
            "412 Precondition Failed",
            "",
            xml("PreconditionFailed"),
        ),
        fault(
            "416",
            |shape| Status(if shape.range.is_some() { 416 } else { 502 }),
            |exchange| {
                vec![bytes(answer(
                    exchange,
                    "416 Range Not Satisfiable",
                    "",
                    &xml("InvalidRange"),
                ))]
            },
        ),
    ]
}

pub(super) fn harmless() -> Vec<Fault> {
    vec![
        fault(
            "one byte after the other",
            |_| Healthy,
            |exchange| {
                let mut whole = exchange.whole();
                let rest = whole.split_off(whole.len().min(1000));
                vec![Step::Trickle(whole), bytes(rest)]
            },
        ),
        fault(
            "continue first",
            |_| Healthy,
            |exchange| {
                vec![
                    bytes("HTTP/1.1 100 Continue\r\n\r\n"),
                    bytes(exchange.whole()),
                ]
            },
        ),
        fault(
            "HTTP/1.0",
            |_| Healthy,
            |exchange| {
                let mut whole = exchange.whole();
                whole[7] = b'0';
                vec![bytes(whole), Step::Close]
            },
        ),
        fault(
            "only a HEAD fails",
            |shape| {
                // The answer to a HEAD has no code, and the GET that asks for it finds the object.
                if shape.method == Method::HEAD {
                    Status(502)
                } else {
                    Healthy
                }
            },
            |exchange| {
                if exchange.is_head() {
                    vec![bytes("HTTP/1.1 404 Not Found\r\n\r\n")]
                } else {
                    vec![bytes(exchange.whole())]
                }
            },
        ),
    ]
}
