use http::request::Parts;

use super::authenticator::Authenticator;
use super::decision::{Admission, Decision, Verdict};
use super::inside::{admitted, challenge_as_outside};
use super::layer::impl_layer_for_method;
use super::presented::Presented;
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
        let identity = match admitted(head) {
            Presented::Given(identity) => identity,
            Presented::Absent => return Decision::refuse(Refusal::missing()),
            Presented::Refused(refusal) => return Decision::refuse(refusal),
        };
        Decision::Now(match &self.required {
            Some(policy) if !policy.is_satisfied_by(identity) => Verdict::Refuse(policy.refusal()),
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
