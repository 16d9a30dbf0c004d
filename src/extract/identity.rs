use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::rejection::Rejection;
use crate::gate::{Identity, Presented, Refusal, admitted};

/// See the [module docs](crate::extract) for what is refused.
impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        signed_in(head).cloned()
    }
}

/// `None` for a request that a gate let in anonymously.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Option<Self>, Rejection> {
        Ok(signed_in_or_anonymous(head)?.cloned())
    }
}

pub(super) fn signed_in(head: &Parts) -> Result<&Identity, Rejection> {
    let identity = signed_in_or_anonymous(head)?;
    identity.ok_or_else(|| Rejection::new(head, Refusal::missing()))
}

pub(super) fn signed_in_or_anonymous(head: &Parts) -> Result<Option<&Identity>, Rejection> {
    match admitted(head) {
        Presented::Given(identity) => Ok(Some(identity)),
        Presented::Absent => Ok(None),
        Presented::Refused(refusal) => Err(Rejection::new(head, refusal)),
    }
}
