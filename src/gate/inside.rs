use http::request::Parts;

use super::challenger::PassedGate;
use super::identity::Identity;
use super::refusal::Refusal;

/// Whom the gate outside has admitted. Where it has let the request in anonymously, that is refused for
/// want of a credential.
pub(crate) fn signed_in(head: &Parts) -> Result<&Identity, Refusal> {
    match head.extensions.get::<Identity>() {
        Some(identity) => Ok(identity),
        None if head.extensions.get::<PassedGate>().is_some() => Err(Refusal::missing()),
        // Whoever forgot the gate is told by the first request, not by the first incident.
        None => Err(Refusal::misconfigured("no gate stands outside")),
    }
}

/// Words a refusal as the gate outside would have.
pub(super) fn challenge_as_outside(head: &Parts, refusal: &mut Refusal) {
    let gate = match head.extensions.get::<Identity>() {
        Some(identity) => identity.gate.as_ref(),
        None => head.extensions.get::<PassedGate>(),
    };
    if let Some(gate) = gate {
        gate.challenge(head, refusal);
    }
}

/// The answer to a request that something inside of a gate refuses.
#[cfg(feature = "axum")]
pub(crate) fn answer_as_outside(
    head: &Parts,
    mut refusal: Refusal,
) -> http::Response<bytes::Bytes> {
    if refusal.wants_challenge() {
        challenge_as_outside(head, &mut refusal);
    }
    refusal.into_response(head, None)
}
