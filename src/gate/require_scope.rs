use http::request::Parts;

use super::authenticator::Authenticator;
use super::challenger::PassedGate;
use super::decision::{Admission, Decision, Verdict};
use super::identity::Identity;
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;
use super::scope_policy::ScopePolicy;

/// Requires scopes of whoever a gate further out has admitted.
///
/// 1. Who has the scopes passes.
/// 2. Who is known and lacks one gets 403, with the challenge that the gate's method has for it.
/// 3. Who was let in anonymously is answered as the gate would have answered: 401 and its challenges.
/// 4. Without a gate outside, nobody passes: 500, and the reason says so.
///
/// ```
/// use portcullis::gate::{RequireScopeLayer, ScopePolicy};
///
/// let read = RequireScopeLayer::new(ScopePolicy::any_of(["wheels:read", "wheels:admin"])?);
/// # let _ = tower_layer::Layer::layer(&read, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RequireScopeLayer {
    required: Option<ScopePolicy>,
}

impl RequireScopeLayer {
    /// Requires the scopes that the policy names.
    pub fn new(policy: ScopePolicy) -> Self {
        Self {
            required: Some(policy),
        }
    }

    /// Requires a signed-in client, with whatever scopes.
    pub fn signed_in() -> Self {
        Self { required: None }
    }
}

impl Authenticator for RequireScopeLayer {
    fn authenticate(&self, head: &Parts) -> Decision {
        Decision::Now(match head.extensions.get::<Identity>() {
            Some(identity) => match &self.required {
                Some(policy) if !policy.is_satisfied_by(identity) => {
                    Verdict::Refuse(policy.refusal())
                }
                _ => Verdict::Admit(Admission::as_before()),
            },
            None if head.extensions.get::<PassedGate>().is_some() => {
                Verdict::Refuse(Refusal::missing())
            }
            // Whoever forgot the gate is told by the first request, not by the first incident.
            None => Verdict::Refuse(Refusal::misconfigured("no gate stands outside")),
        })
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        let identity = head.extensions.get::<Identity>();
        let gate = match identity {
            Some(identity) => identity.gate.as_ref(),
            None => head.extensions.get::<PassedGate>(),
        };
        if let Some(gate) = gate {
            gate.challenge(head, refusal);
        }
    }

    /// It has no kind of credential.
    fn strip(&self, _head: &mut Parts) {}
}

impl_layer_for_method!(RequireScopeLayer);
