use std::fmt;
use std::sync::Arc;

#[cfg(any(feature = "basic-auth", feature = "jwt", feature = "token"))]
use super::decision::Verdict;
use super::identity::Identity;
use super::refusal::Refusal;
use crate::error::ConfigError;

/// The scopes that an identity must have: all of some, any of some, or the two nested.
///
/// Scopes are compared whole and by case, never in part: `wheels:read` is not granted by
/// `wheels:readonly`, nor by `wheels`.
///
/// A refusal names every scope of the policy once, in order. The `scope` attribute of RFC 6750 section 3
/// cannot express "or", and a client that asks its issuer for all of them is granted enough.
///
/// ```
/// use portcullis::gate::{Identity, ScopePolicy};
///
/// let policy = ScopePolicy::all_of(["index:read"])?
///     .and(ScopePolicy::any_of(["wheels:read", "wheels:admin"])?);
/// let ana = Identity::new("jwt", "ana");
/// assert!(policy.is_satisfied_by(&ana.clone().with_scopes(["wheels:admin", "index:read"])));
/// assert!(!policy.is_satisfied_by(&ana.with_scopes(["wheels:admin", "index:readonly"])));
///
/// assert!(ScopePolicy::all_of(["two words"]).is_err());
/// assert!(ScopePolicy::any_of(Vec::<String>::new()).is_err());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ScopePolicy {
    rule: Arc<Rule>,
    /// The scopes as the `scope` attribute of RFC 6750 section 3 writes them.
    attribute: Arc<str>,
}

#[derive(Clone)]
enum Rule {
    Scope(Box<str>),
    AllOf(Vec<Rule>),
    AnyOf(Vec<Rule>),
}

impl ScopePolicy {
    /// Requires every one of these scopes.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if there are no scopes, or one is not a scope token of RFC 6749 section 3.3:
    /// printable ASCII without space, `"` and `\`.
    pub fn all_of<I>(scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        scope_tokens(scopes).map(|scopes| Self::new(Rule::AllOf(scopes)))
    }

    /// Requires at least one of these scopes.
    ///
    /// # Errors
    ///
    /// As [`ScopePolicy::all_of`].
    pub fn any_of<I>(scopes: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        scope_tokens(scopes).map(|scopes| Self::new(Rule::AnyOf(scopes)))
    }

    /// Requires what both policies require.
    pub fn and(self, other: Self) -> Self {
        Self::new(Rule::AllOf(vec![self.into_rule(), other.into_rule()]))
    }

    /// Requires what at least one of the policies requires.
    pub fn or(self, other: Self) -> Self {
        Self::new(Rule::AnyOf(vec![self.into_rule(), other.into_rule()]))
    }

    /// Whether the identity has the required scopes.
    #[must_use]
    pub fn is_satisfied_by(&self, identity: &Identity) -> bool {
        self.rule.is_satisfied_by(identity)
    }

    /// Refuses an admission whose identity lacks a scope.
    #[cfg(any(feature = "basic-auth", feature = "jwt", feature = "token"))]
    pub(crate) fn judge(&self, verdict: Verdict) -> Verdict {
        let Verdict::Admit(admission) = &verdict else {
            return verdict;
        };
        match admission.identity() {
            Some(identity) if self.is_satisfied_by(identity) => verdict,
            identity => Verdict::Refuse(self.refusal(identity)),
        }
    }

    /// The refusal of this identity, or of a client without one.
    pub(super) fn refusal(&self, identity: Option<&Identity>) -> Refusal {
        let given = identity.into_iter().flat_map(Identity::scopes);
        Refusal::lacks_scope(Arc::clone(&self.attribute), given)
    }

    fn new(rule: Rule) -> Self {
        let mut scopes = Vec::new();
        rule.collect_scopes(&mut scopes);
        let attribute = scopes.join(" ").into();
        Self {
            rule: Arc::new(rule),
            attribute,
        }
    }

    fn into_rule(self) -> Rule {
        Arc::unwrap_or_clone(self.rule)
    }
}

impl Rule {
    fn is_satisfied_by(&self, identity: &Identity) -> bool {
        match self {
            Self::Scope(scope) => identity.has_scope(scope),
            Self::AllOf(rules) => rules.iter().all(|rule| rule.is_satisfied_by(identity)),
            Self::AnyOf(rules) => rules.iter().any(|rule| rule.is_satisfied_by(identity)),
        }
    }

    fn collect_scopes<'a>(&'a self, scopes: &mut Vec<&'a str>) {
        match self {
            Self::Scope(scope) if scopes.contains(&&**scope) => {}
            Self::Scope(scope) => scopes.push(scope),
            Self::AllOf(rules) | Self::AnyOf(rules) => {
                for rule in rules {
                    rule.collect_scopes(scopes);
                }
            }
        }
    }
}

fn scope_tokens<I>(scopes: I) -> Result<Vec<Rule>, ConfigError>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let mut rules = Vec::new();
    for scope in scopes {
        let scope = scope.as_ref();
        require_scope_token(scope)?;
        rules.push(Rule::Scope(scope.into()));
    }
    if rules.is_empty() {
        return Err(ConfigError::new("scopes", "at least one is required"));
    }
    Ok(rules)
}

/// The `scope-token` of RFC 6749 section 3.3.
pub(crate) fn require_scope_token(scope: &str) -> Result<(), ConfigError> {
    let is_scope_token = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    if !scope.is_empty() && scope.bytes().all(is_scope_token) {
        Ok(())
    } else {
        let problem = format!("{scope:?} is not a scope token of RFC 6749");
        Err(ConfigError::new("scopes", problem))
    }
}

impl fmt::Debug for ScopePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rule.fmt(f)
    }
}

/// Prints `all_of("a", any_of("b", "c"))`.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, rules) = match self {
            Self::Scope(scope) => return scope.fmt(f),
            Self::AllOf(rules) => ("all_of", rules),
            Self::AnyOf(rules) => ("any_of", rules),
        };
        let mut tuple = f.debug_tuple(name);
        for rule in rules {
            tuple.field(rule);
        }
        tuple.finish()
    }
}
