use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::request::Parts;

use super::refusal::Refusal;

/// Who was admitted, by which method, and to what.
///
/// A gate puts it into the extensions of the request that it admits. Inner parts must read it there, never
/// from a header. An anonymous request has none. Cloning it is cheap.
///
/// ```
/// use portcullis::gate::Identity;
///
/// let identity = Identity::new("basic", "ci").with_scopes(["wheels:read"]);
/// assert_eq!(identity.subject(), "ci");
/// assert!(identity.has_scope("wheels:read"));
/// assert!(!identity.has_scope("wheels"));
/// ```
#[derive(Clone)]
pub struct Identity {
    facts: Arc<Facts>,
    by_cookie: bool,
    /// The gate that admitted it, which words the refusals of a gate further in.
    pub(super) gate: Option<PassedGate>,
}

#[derive(Clone)]
struct Facts {
    method: &'static str,
    subject: Box<str>,
    scopes: Box<[Box<str>]>,
    expires_at: Option<SystemTime>,
    claims: Option<Arc<dyn Any + Send + Sync>>,
}

impl Identity {
    /// The person or machine `subject`, signed in by `method`: `basic`, `jwt`, `token`, `sso` or another
    /// name.
    #[must_use]
    pub fn new(method: &'static str, subject: impl Into<String>) -> Self {
        let facts = Facts {
            method,
            subject: subject.into().into_boxed_str(),
            scopes: Box::default(),
            expires_at: None,
            claims: None,
        };
        Self {
            facts: Arc::new(facts),
            by_cookie: false,
            gate: None,
        }
    }

    /// Grants these scopes.
    #[must_use]
    pub fn with_scopes<I>(self, scopes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let scopes = scopes
            .into_iter()
            .map(|scope| scope.into().into_boxed_str())
            .collect();
        self.with(|facts| facts.scopes = scopes)
    }

    /// Sets the moment from which the credential is no longer valid.
    #[must_use]
    pub fn with_expires_at(self, expires_at: SystemTime) -> Self {
        self.with(|facts| facts.expires_at = Some(expires_at))
    }

    /// Adds the claims of the credential, as one value of a type that the method documents.
    #[must_use]
    pub fn with_claims<T: Any + Send + Sync>(self, claims: T) -> Self {
        self.with(|facts| facts.claims = Some(Arc::new(claims)))
    }

    /// Marks the credential as a cookie, which a browser sends whichever site made the page.
    ///
    /// A gate admits such a request with a method other than GET, HEAD and OPTIONS only if
    /// `Sec-Fetch-Site` or `Origin` shows that it comes from the same origin.
    #[must_use]
    pub fn by_cookie(mut self) -> Self {
        self.by_cookie = true;
        self
    }

    fn with(mut self, set: impl FnOnce(&mut Facts)) -> Self {
        set(Arc::make_mut(&mut self.facts));
        self
    }

    /// The name of the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.facts.method
    }

    /// The name of the person or machine, unique within the method.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.facts.subject
    }

    /// The scopes granted, in the order given.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.facts.scopes.iter().map(|scope| &**scope)
    }

    /// Whether this scope was granted. Scopes are compared whole and by case.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|granted| granted == scope)
    }

    /// The moment from which the credential is no longer valid, if it expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.facts.expires_at
    }

    /// The claims, if they are of type `T`.
    #[must_use]
    pub fn claims<T: Any>(&self) -> Option<&T> {
        self.facts.claims.as_ref()?.downcast_ref()
    }

    /// Whether the credential was a cookie.
    #[must_use]
    pub fn is_by_cookie(&self) -> bool {
        self.by_cookie
    }
}

/// Leaves out the claims, which may be personal or secret.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("method", &self.facts.method)
            .field("subject", &self.facts.subject)
            .field("scopes", &self.facts.scopes)
            .field("expires_at", &self.facts.expires_at)
            .finish_non_exhaustive()
    }
}

/// Words a refusal as a gate would.
pub(super) trait Challenger: fmt::Debug + Send + Sync {
    fn challenge(&self, head: &Parts, refusal: &mut Refusal);
}

/// The gate that a request has passed.
///
/// A `RequireScopeLayer` further in finds it within the [`Identity`] of an admitted request, or by itself
/// in the extensions of an anonymous one.
#[derive(Clone, Debug)]
pub(super) struct PassedGate(Arc<dyn Challenger>);

impl PassedGate {
    pub(super) fn new(gate: Arc<dyn Challenger>) -> Self {
        Self(gate)
    }

    pub(super) fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.0.challenge(head, refusal);
    }
}
