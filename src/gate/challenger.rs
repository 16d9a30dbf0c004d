use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::refusal::Refusal;

/// Words a refusal as a gate would.
pub(super) trait Challenger: fmt::Debug + Send + Sync {
    fn challenge(&self, head: &Parts, refusal: &mut Refusal);
}

/// The gate that a request has passed.
///
/// It travels within the [`Identity`](super::Identity) of an admitted request, or by itself in the
/// extensions of an anonymous one, to a `RequireScopeLayer` further in.
#[derive(Clone, Debug)]
pub(super) struct PassedGate(Arc<dyn Challenger>);

impl PassedGate {
    pub(super) fn new(gate: Arc<dyn Challenger>) -> Self {
        Self(gate)
    }

    pub(super) fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.0.challenge(head, refusal);
    }
}
