//! Bodies of wrong or unknown length.

use super::answers::HTML;
use super::fault::Expected::{self, Announced, Cut, Healthy, Status};
use super::fault::{Fault, bytes, fault, in_body};
use crate::chaos::shape::Shape;
use crate::support::fault_proxy::{Exchange, Step};

/// Changes an answer with a body, and leaves the others.
fn with_body(change: impl Fn(&Exchange) -> Vec<Step>) -> impl Fn(&Exchange) -> Vec<Step> {
    move |exchange| match exchange.body.len() {
        0 => vec![bytes(exchange.whole())],
        _ => change(exchange),
    }
}

fn relabelled(exchange: &Exchange, lines: &str) -> Step {
    let head = exchange.head_with(&["content-length"], lines);
    bytes([&*head, &*exchange.body].concat())
}

fn unless_body(shape: &Shape, status: u16) -> Expected {
    if shape.has_body() {
        Status(status)
    } else {
        Healthy
    }
}

/// The length is missing or wrong.
pub(super) fn lengths() -> Vec<Fault> {
    fn longer(exchange: &Exchange) -> Step {
        relabelled(
            exchange,
            &format!("content-length: {}\r\n", exchange.body.len() + 10),
        )
    }
    // A part tells its length twice.
    let longer_body = |shape: &Shape| match shape.range {
        Some(_) => Status(502),
        None => in_body(shape),
    };
    vec![
        fault(
            "too long a length",
            longer_body,
            with_body(|exchange| vec![longer(exchange), Step::Close]),
        ),
        fault(
            "too long a length, and silence",
            longer_body,
            with_body(|exchange| vec![longer(exchange), Step::Stall]),
        )
        .slow(),
        fault(
            "too short a length",
            |shape| match shape.range {
                Some(_) => Status(502),
                None if shape.has_body() => Announced(10),
                None => Healthy,
            },
            with_body(|exchange| {
                let length = exchange.body.len() - 10;
                vec![relabelled(
                    exchange,
                    &format!("content-length: {length}\r\n"),
                )]
            }),
        ),
        fault(
            "no length, and the end",
            |shape| unless_body(shape, 502),
            with_body(|exchange| vec![relabelled(exchange, ""), Step::Close]),
        ),
        fault(
            "no length, and no end",
            |shape| unless_body(shape, 502),
            with_body(|exchange| vec![relabelled(exchange, ""), Step::Stall]),
        ),
        fault(
            "two lengths",
            |_| Status(502),
            |exchange| {
                vec![relabelled(
                    exchange,
                    "content-length: 7\r\ncontent-length: 8\r\n",
                )]
            },
        ),
        fault(
            "no number as length",
            |_| Status(502),
            |exchange| vec![relabelled(exchange, "content-length: 0x10\r\n")],
        ),
        fault(
            "more bytes than announced",
            |_| Healthy,
            |exchange| vec![bytes(exchange.whole()), bytes("more"), Step::Close],
        ),
        fault(
            "a HEAD with a body",
            |_| Healthy,
            |exchange| {
                if exchange.is_head() {
                    vec![bytes(exchange.whole()), bytes(HTML), Step::Close]
                } else {
                    vec![bytes(exchange.whole())]
                }
            },
        ),
    ]
}

/// The answer in chunks, up to the last one.
fn chunked(exchange: &Exchange, lines: &str) -> Vec<u8> {
    let mut answer = exchange.head_with(&["content-length"], lines);
    for chunk in exchange.body.chunks(50_000) {
        answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        answer.extend_from_slice(chunk);
        answer.extend_from_slice(b"\r\n");
    }
    answer
}

pub(super) fn chunks() -> Vec<Fault> {
    const CODED: &str = "transfer-encoding: chunked\r\n";
    let ends = |name, expected: fn(&Shape) -> Expected, end: &'static str, last: Option<Step>| {
        fault(
            name,
            expected,
            with_body(move |exchange| {
                let mut steps = vec![bytes(chunked(exchange, CODED)), bytes(end)];
                steps.extend(last.clone());
                steps
            }),
        )
    };
    let length = "content-length: 90\r\ntransfer-encoding: chunked\r\n";
    vec![
        ends("chunks", |_| Healthy, "0\r\n\r\n", None),
        ends(
            "chunks with a trailer",
            |_| Healthy,
            "0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n",
            None,
        ),
        ends("chunks without the last", in_body, "", Some(Step::Close)),
        ends("chunks, then silence", in_body, "", Some(Step::Stall)).slow(),
        ends(
            "half of the last chunk",
            in_body,
            "0\r\n",
            Some(Step::Close),
        ),
        ends(
            "a chunk of garbage",
            in_body,
            "garbage\r\n",
            Some(Step::Close),
        ),
        ends(
            "a chunk of huge length",
            in_body,
            "fffffffffffffffff\r\n",
            Some(Step::Close),
        ),
        ends(
            "a chunk that is too short",
            in_body,
            "10\r\n",
            Some(Step::Close),
        ),
        fault(
            "a length beside chunks",
            |shape| unless_body(shape, 502),
            with_body(move |exchange| vec![bytes(chunked(exchange, length)), bytes("0\r\n\r\n")]),
        ),
        fault(
            "a part of another length in chunks",
            |shape| match shape.range {
                Some(_) => Cut,
                None => Healthy,
            },
            with_body(|exchange| {
                let mut answer = chunked(exchange, CODED);
                if exchange.head.windows(13).any(|it| it == b"content-range") {
                    answer.extend_from_slice(b"1\r\nx\r\n");
                }
                vec![bytes(answer), bytes("0\r\n\r\n")]
            }),
        ),
    ]
}
