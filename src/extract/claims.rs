use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::identity::known_or_anonymous;
use super::rejection::Rejection;
use crate::gate::{Identity, Refusal, signed_in};
use crate::jwt::ClaimSet;

/// The claims of the JWT that the client signed in by, read as a `T`.
///
/// See the [module docs](crate::extract) for what is refused. The verifier has judged the registered
/// claims (`iss`, `aud`, `exp` and so on) before; `T` names those that the handler wants to see.
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
        let claims = signed_in(head).and_then(|identity| {
            let other = || Refusal::forbidden("the client did not sign in by a JWT");
            read(identity).ok_or_else(other)?
        });
        claims.map_err(|refusal| Rejection::new(head, refusal))
    }
}

/// `None` for who showed nothing, or signed in by something else than a JWT.
impl<T, S> OptionalFromRequestParts<S> for Claims<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Option<Self>, Rejection> {
        let claims =
            known_or_anonymous(head).and_then(|identity| identity.and_then(read).transpose());
        claims.map_err(|refusal| Rejection::new(head, refusal))
    }
}

/// `None` where the identity has no claims of a JWT.
fn read<T: DeserializeOwned>(identity: &Identity) -> Option<Result<Claims<T>, Refusal>> {
    let claims = identity.claims::<ClaimSet>()?.to();
    let misfit = |_| Refusal::forbidden("the claims of the token do not fit");
    Some(claims.map(Claims).map_err(misfit))
}
