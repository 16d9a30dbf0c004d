use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::rejection::Rejection;
use crate::gate::{Identity, admitted, signed_in};

/// See the [module docs](crate::extract) for the requests that are refused.
impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let refusal = match signed_in(head).cloned() {
            Ok(identity) => return Ok(identity),
            Err(refusal) => refusal,
        };
        Err(Rejection::of(head, refusal).await)
    }
}

/// `None` for a request that a gate has admitted anonymously.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Option<Self>, Rejection> {
        let refusal = match admitted(head).map(Option::<&Self>::cloned) {
            Ok(identity) => return Ok(identity),
            Err(refusal) => refusal,
        };
        Err(Rejection::of(head, refusal).await)
    }
}
