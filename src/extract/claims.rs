use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::rejection::Rejection;
use crate::gate::{Identity, Refusal, admitted, signed_in};
use crate::jwt::{ClaimSet, ClaimsError};

/// What the token says by which the client signed in, a JWT or an ID token, read as a `T`.
///
/// See the [module docs](crate::extract) for what is refused. The registered claims (`iss`, `aud`,
/// `exp` and so on) have been judged before; `T` names those that the handler wants to see.
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

/// `None` for who showed nothing, or signed in by a method without claims.
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

/// `None` where the identity has no claims.
fn read<T: DeserializeOwned>(identity: &Identity) -> Result<Option<Claims<T>>, Refusal> {
    let claims = identity.claims::<ClaimSet>().map(ClaimSet::to).transpose();
    let claims =
        claims.map_err(|ClaimsError| Refusal::forbidden("the claims of the token do not fit"))?;
    Ok(claims.map(Claims))
}
