use http::request::Parts;

use super::challenger::PassedGate;
use super::identity::Identity;
use super::presented::Presented;
use super::refusal::Refusal;

/// Whom the gate outside has admitted: nobody where it has let the request in anonymously.
pub(crate) fn admitted(head: &Parts) -> Presented<&Identity> {
    match head.extensions.get::<Identity>() {
        Some(identity) => Presented::Given(identity),
        None if head.extensions.get::<PassedGate>().is_some() => Presented::Absent,
        // Whoever forgot the gate is told by the first request, not by the first incident.
        None => Presented::Refused(Refusal::misconfigured("no gate stands outside")),
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
pub(crate) async fn answer_as_outside(
    head: &Parts,
    mut refusal: Refusal,
) -> http::Response<bytes::Bytes> {
    if refusal.wants_challenge() {
        challenge_as_outside(head, &mut refusal);
    }
    let answer = refusal.into_answer(head, None);
    answer.response().await
}
