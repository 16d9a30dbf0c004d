use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::rejection::Rejection;
use crate::gate::{Identity, Refusal, RefusalKind, signed_in};

/// See the [module docs](crate::extract) for what is refused.
impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let identity = signed_in(head).cloned();
        identity.map_err(|refusal| Rejection::new(head, refusal))
    }
}

/// `None` for a request that a gate let in anonymously.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Option<Self>, Rejection> {
        let identity = known_or_anonymous(head).map(Option::<&Self>::cloned);
        identity.map_err(|refusal| Rejection::new(head, refusal))
    }
}

/// Whom a gate has admitted, if it was not anonymously.
pub(super) fn known_or_anonymous(head: &Parts) -> Result<Option<&Identity>, Refusal> {
    match signed_in(head) {
        Ok(identity) => Ok(Some(identity)),
        Err(refusal) if refusal.kind() == RefusalKind::Missing => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
