use http::request::Parts;

use super::admission::Admission;
use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::identity::{Identity, PassedGate};
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;
use super::scope_policy::ScopePolicy;
use crate::error::ConfigError;

/// Layer that requires scopes of the [`Identity`] from a gate further out.
///
/// 1. An identity with the scopes passes.
/// 2. An identity that lacks one is refused with 403 and the challenge that the gate's method has for it.
/// 3. An anonymous request is refused as the gate would have done: 401 and its challenges.
/// 4. Without a gate outside, every request is refused with 500, and the reason says so.
///
/// ```
/// use portcullis::gate::{RequireScopeLayer, ScopePolicy};
///
/// let read = RequireScopeLayer::scope("wheels:read")?;
/// let either = RequireScopeLayer::new(ScopePolicy::any_of(["wheels:read", "wheels:admin"])?);
/// # let _ = tower_layer::Layer::layer(&read, tower_layer::Layer::layer(&either, ()));
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RequireScopeLayer {
    required: Option<ScopePolicy>,
}

impl RequireScopeLayer {
    /// Requires that the policy is satisfied.
    pub fn new(policy: ScopePolicy) -> Self {
        Self {
            required: Some(policy),
        }
    }

    /// Requires this one scope.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if it is not a scope token of RFC 6749 section 3.3.
    pub fn scope(scope: impl AsRef<str>) -> Result<Self, ConfigError> {
        ScopePolicy::all_of([scope]).map(Self::new)
    }

    /// Requires a signed-in client, with any scopes or none.
    pub fn signed_in() -> Self {
        Self { required: None }
    }
}

impl Authenticator for RequireScopeLayer {
    fn authenticate(&self, head: &Parts) -> Decision {
        let identity = match signed_in(head) {
            Ok(identity) => identity,
            Err(refusal) => return Decision::refuse(refusal),
        };
        Decision::Now(match &self.required {
            Some(policy) if !policy.is_satisfied_by(identity) => {
                Verdict::Refuse(policy.refusal(Some(identity)))
            }
            _ => Verdict::Admit(Admission::as_before()),
        })
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        challenge_as_outside(head, refusal);
    }

    /// It has no kind of credential.
    fn strip(&self, _head: &mut Parts) {}
}

impl_layer_for_method!(RequireScopeLayer);

/// The identity from the gate outside: `None` if the gate has admitted the request anonymously.
pub(crate) fn admitted(head: &Parts) -> Result<Option<&Identity>, Refusal> {
    match head.extensions.get::<Identity>() {
        Some(identity) => Ok(Some(identity)),
        None if head.extensions.get::<PassedGate>().is_some() => Ok(None),
        // The first request shows that the gate is missing, not the first incident.
        None => Err(Refusal::misconfigured("there is no gate outside")),
    }
}

/// As [`admitted`], and refuses an anonymous request.
pub(crate) fn signed_in(head: &Parts) -> Result<&Identity, Refusal> {
    admitted(head)?.ok_or_else(Refusal::missing)
}

/// Adds the challenges of the gate outside.
fn challenge_as_outside(head: &Parts, refusal: &mut Refusal) {
    let gate = match head.extensions.get::<Identity>() {
        Some(identity) => identity.gate.as_ref(),
        None => head.extensions.get::<PassedGate>(),
    };
    if let Some(gate) = gate {
        gate.challenge(head, refusal);
    }
}

/// The response to a request that a part inside of a gate refuses.
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
