//! Answers that break off.

use super::fault::Expected::{Healthy, Status};
use super::fault::{Fault, bytes, fault, in_body};
use crate::chaos::shape::Shape;
use crate::support::fault_proxy::{Exchange, Step};

/// The answer breaks off after so many bytes.
pub(super) fn cuts() -> Vec<Fault> {
    type Place = (&'static str, bool, fn(&Exchange) -> usize);
    let places: [Place; 7] = [
        ("before the answer", false, |_| 0),
        ("within the status line", false, |_| 9),
        ("within the head", false, |it| it.head.len() - 6),
        ("after the head", true, |it| it.head.len()),
        ("after a byte of the body", true, |it| it.head.len() + 1),
        ("in the middle of the body", true, |it| {
            it.head.len() + it.body.len() / 2
        }),
        ("before the last byte", true, |it| {
            it.head.len() + it.body.len().saturating_sub(1)
        }),
    ];
    let mut cuts = Vec::new();
    for (place, has_begun, at) in places {
        for (end, how) in [
            ("reset", Step::Reset),
            ("closed", Step::Close),
            ("stalled", Step::Stall),
        ] {
            let is_stall = end == "stalled";
            let status = if is_stall { 504 } else { 502 };
            let expected = move |shape: &Shape| {
                if has_begun {
                    in_body(shape)
                } else {
                    Status(status)
                }
            };
            let cut = fault(format!("{end} {place}"), expected, move |exchange| {
                // The next request would wait on a connection that is kept.
                let close = if is_stall {
                    "connection: close\r\n"
                } else {
                    ""
                };
                let head = exchange.head_with(&[], close);
                let exchange = Exchange {
                    head,
                    ..exchange.clone()
                };
                let whole = exchange.whole();
                let at = at(&exchange).min(whole.len());
                vec![bytes(&whole[..at]), how.clone()]
            });
            cuts.push(if is_stall { cut.slow() } else { cut });
        }
    }
    cuts.push(fault(
        "closed after the answer",
        |_| Healthy,
        |exchange| vec![bytes(exchange.whole()), Step::Close],
    ));
    // The connection is not kept, on which the next request would wait.
    cuts.push(fault(
        "stalled after the answer",
        |_| Healthy,
        |exchange| {
            let head = exchange.head_with(&[], "connection: close\r\n");
            vec![bytes(head), bytes(&exchange.body), Step::Stall]
        },
    ));
    cuts
}

/// Kept connections whose other side is gone, which only their use shows.
pub(super) fn stale() -> Vec<Fault> {
    [("reset", Step::Reset), ("closed", Step::Close)]
        .map(|(name, how)| {
            let name = format!("kept connections are {name} when used");
            let mut stale = fault(
                name,
                |_| Healthy,
                move |exchange| match exchange.before {
                    0 => vec![bytes(exchange.whole())],
                    _ => vec![how.clone()],
                },
            );
            stale.needs_warmth = true;
            stale
        })
        .into()
}
