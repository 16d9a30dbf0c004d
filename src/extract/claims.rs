use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::rejection::Rejection;
use crate::gate::{Identity, Refusal, admitted, signed_in};
use crate::jwt::{ClaimSet, ClaimsError};

/// The claims of the JWT or ID token that the client signed in with, deserialized as a `T`.
///
/// See the [module docs](crate::extract) for the requests that are refused. The gate has checked the
/// registered claims (`iss`, `aud`, `exp` and so on); `T` has those that the handler needs.
///
/// ```
/// use portcullis::extract::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Person {
///     email: String,
/// }
///
/// async fn greet(Claims(person): Claims<Person>) -> String {
///     format!("Hello {}!", person.email)
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(greet));
/// ```
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "handlers take it apart, as they do axum's own"
)]
pub struct Claims<T>(pub T);

impl<T, S> FromRequestParts<S> for Claims<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        let other = || Refusal::forbidden("the client signed in by a method without claims");
        let claims = signed_in(head).and_then(read);
        let refusal = match claims.and_then(|claims| claims.ok_or_else(other)) {
            Ok(claims) => return Ok(claims),
            Err(refusal) => refusal,
        };
        Err(Rejection::of(head, refusal).await)
    }
}

/// `None` for an anonymous request, and for an identity without claims.
impl<T, S> OptionalFromRequestParts<S> for Claims<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Option<Self>, Rejection> {
        let identity = admitted(head);
        let refusal = match identity.and_then(|identity| identity.map_or(Ok(None), read)) {
            Ok(claims) => return Ok(claims),
            Err(refusal) => refusal,
        };
        Err(Rejection::of(head, refusal).await)
    }
}

/// `None` if the identity has no claims.
fn read<T: DeserializeOwned>(identity: &Identity) -> Result<Option<Claims<T>>, Refusal> {
    let claims = identity.claims::<ClaimSet>().map(ClaimSet::to).transpose();
    let claims =
        claims.map_err(|ClaimsError| Refusal::forbidden("the claims of the token do not fit"))?;
    Ok(claims.map(Claims))
}
