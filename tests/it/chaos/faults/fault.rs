use std::sync::Arc;

use crate::chaos::shape::Shape;
use crate::support::fault_proxy::{Exchange, Spoil, Step};

/// What a client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The answer as without the fault.
    Healthy,
    /// This status, with `Retry-After` if it is 503.
    Status(u16),
    /// The beginning of the object, in an answer without an end.
    Cut,
    /// The object without so many bytes at its end: S3 announced no more.
    Announced(usize),
}

pub(crate) struct Fault {
    pub(crate) name: String,
    pub(crate) spoil: Spoil,
    pub(crate) expected: Box<dyn Fn(&Shape) -> Expected + Send + Sync>,
    /// Whether only a timeout ends it.
    pub(crate) is_slow: bool,
    /// Whether it needs connections that are kept.
    pub(crate) needs_warmth: bool,
}

pub(super) fn fault(
    name: impl Into<String>,
    expected: impl Fn(&Shape) -> Expected + Send + Sync + 'static,
    spoil: impl Fn(&Exchange) -> Vec<Step> + Send + Sync + 'static,
) -> Fault {
    Fault {
        name: name.into(),
        spoil: Arc::new(spoil),
        expected: Box::new(expected),
        is_slow: false,
        needs_warmth: false,
    }
}

impl Fault {
    pub(super) fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }
}

/// Whoever asks for bytes gets some of them.
pub(super) fn in_body(shape: &Shape) -> Expected {
    if shape.has_body() {
        Expected::Cut
    } else {
        Expected::Healthy
    }
}

pub(super) fn bytes(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}
