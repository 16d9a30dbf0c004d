use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::authenticator::Authenticator;
use super::challenger::PassedGate;
use super::decision::{Admission, Decision, Verdict};
use super::identity::Identity;
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;
use crate::error::ConfigError;

/// Requires scopes of whoever a gate further out has admitted.
///
/// 1. Who has the scopes passes.
/// 2. Who is known and lacks one gets 403, with the challenge that the gate's method has for it.
/// 3. Who was let in anonymously is answered as the gate would have answered: 401 and its challenges.
/// 4. Without a gate outside, nobody passes: 500, and the reason says so.
///
/// ```
/// use portcullis::gate::RequireScopeLayer;
///
/// let read = RequireScopeLayer::all_of(["wheels:read"])?;
/// assert!(RequireScopeLayer::all_of(["wheels: read"]).is_err());
/// assert!(RequireScopeLayer::any_of(Vec::<String>::new()).is_err());
/// # let _ = tower_layer::Layer::layer(&read, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct RequireScopeLayer {
    rule: Rule,
    /// The scopes as the `scope` attribute of RFC 6750 section 3 writes them.
    scope: Arc<str>,
}

#[derive(Clone, Copy, Debug)]
enum Rule {
    SignedIn,
    AllOf,
    AnyOf,
}

impl RequireScopeLayer {
    /// Requires a signed-in client, with whatever scopes.
    pub fn signed_in() -> Self {
        Self {
            rule: Rule::SignedIn,
            scope: Arc::from(""),
        }
    }

    /// Requires every one of these scopes.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where there is none, and for one that is not a scope token of RFC 6749
    /// section 3.3: printable ASCII without space, `"` and `\`.
    pub fn all_of<I>(scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::new(Rule::AllOf, scopes)
    }

    /// Requires at least one of these scopes.
    ///
    /// # Errors
    ///
    /// As [`RequireScopeLayer::all_of`].
    pub fn any_of<I>(scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::new(Rule::AnyOf, scopes)
    }

    fn new<I>(rule: Rule, scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut scope = String::new();
        for token in scopes {
            let token = token.as_ref();
            let is_scope_token = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
            if token.is_empty() || !token.bytes().all(is_scope_token) {
                let problem = format!("{token:?} is not a scope token of RFC 6749");
                return Err(ConfigError::new("scopes", problem));
            }
            if !scope.is_empty() {
                scope.push(' ');
            }
            scope.push_str(token);
        }
        if scope.is_empty() {
            return Err(ConfigError::new("scopes", "at least one is needed"));
        }
        Ok(Self {
            rule,
            scope: scope.into(),
        })
    }

    fn is_satisfied_by(&self, identity: &Identity) -> bool {
        let mut scopes = self.scope.split(' ');
        match self.rule {
            Rule::SignedIn => true,
            Rule::AllOf => scopes.all(|scope| identity.has_scope(scope)),
            Rule::AnyOf => scopes.any(|scope| identity.has_scope(scope)),
        }
    }
}

impl fmt::Debug for RequireScopeLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireScopeLayer")
            .field("rule", &self.rule)
            .field("scope", &self.scope)
            .finish()
    }
}

impl Authenticator for RequireScopeLayer {
    fn authenticate(&self, head: &Parts) -> Decision {
        Decision::Now(match head.extensions.get::<Identity>() {
            Some(identity) if self.is_satisfied_by(identity) => {
                Verdict::Admit(Admission::as_before())
            }
            Some(_) => Verdict::Refuse(Refusal::insufficient_scope(Arc::clone(&self.scope))),
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
