use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::authenticator::Authenticator;
use super::refusal::Refusal;
use super::style::RefusalStyle;

/// How the gate that a request has passed would word a refusal.
///
/// It travels within the [`Identity`](super::Identity) of an admitted request, or by itself in the
/// extensions of an anonymous one, to a `RequireScopeLayer` further in.
#[derive(Clone)]
pub(super) struct Challenger {
    method: Arc<dyn Authenticator>,
    style: Option<RefusalStyle>,
}

impl Challenger {
    pub(super) fn new(method: Arc<dyn Authenticator>, style: Option<RefusalStyle>) -> Self {
        Self { method, style }
    }

    pub(super) fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        refusal.inherit_style(self.style.as_ref());
        self.method.challenge(head, refusal);
    }
}

impl fmt::Debug for Challenger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Challenger").field(&self.method).finish()
    }
}
