use std::sync::Arc;

use http::request::Parts;

use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::reason::RefusalKind;
use super::refusal::Refusal;
use crate::error::ConfigError;

/// Several methods as one: the first that finds a credential of its kind decides.
///
/// Its refusal is final: the methods after it are not asked. The response to a refused request has the
/// challenges of all methods, one for each scheme and realm. A request for a route of one method, such as
/// a sign-in callback, goes to that method before any credential is read.
///
/// An [`Optional`](super::Optional) method makes all of them optional: a request without a credential is
/// admitted anonymously, and one with a wrong credential is refused.
///
/// Methods that read the same header tell their credentials apart by shape. A user table takes passwords
/// of any shape, so it must come last.
///
/// ```
/// use portcullis::gate::AnyOf;
/// use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
///
/// let people = BasicAuthLayer::new("people", FixedUsers::new([("ana", "s3cret")])?)?;
/// let robots: Option<BasicAuthLayer> = None;
/// let gate = AnyOf::new((robots.clone(), people))?;
/// assert!(AnyOf::new((robots,)).is_err());
/// # let _ = tower_layer::Layer::layer(&gate, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct AnyOf {
    methods: Arc<[Box<dyn Authenticator>]>,
}

impl AnyOf {
    /// Takes a tuple, an array or a `Vec` of methods. `None` stands for a method that is not configured.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if no method is configured, since such a gate admits no request.
    pub fn new(methods: impl Methods) -> Result<Self, ConfigError> {
        let methods = methods.into_boxed();
        if !methods.iter().any(Authenticator::is_configured) {
            return Err(ConfigError::new(
                "methods",
                "at least one must be configured",
            ));
        }
        Ok(Self {
            methods: methods.into(),
        })
    }
}

/// The methods of [`AnyOf::new`]: a tuple of up to eight, or an array or a `Vec` of one type, which may
/// be `Box<dyn Authenticator>`.
pub trait Methods: sealed::Sealed {
    #[doc(hidden)]
    fn into_boxed(self) -> Vec<Box<dyn Authenticator>>;
}

mod sealed {
    pub trait Sealed {}
}

impl<M: Authenticator> sealed::Sealed for Vec<M> {}
impl<M: Authenticator> Methods for Vec<M> {
    fn into_boxed(self) -> Vec<Box<dyn Authenticator>> {
        boxed(self)
    }
}

impl<M: Authenticator, const N: usize> sealed::Sealed for [M; N] {}
impl<M: Authenticator, const N: usize> Methods for [M; N] {
    fn into_boxed(self) -> Vec<Box<dyn Authenticator>> {
        boxed(self)
    }
}

fn boxed<M: Authenticator>(methods: impl IntoIterator<Item = M>) -> Vec<Box<dyn Authenticator>> {
    let methods = methods.into_iter();
    methods.map(|method| Box::new(method) as _).collect()
}

macro_rules! impl_methods_for_tuples {
    ($(($($name:ident)+))+) => {$(
        impl<$($name: Authenticator),+> sealed::Sealed for ($($name,)+) {}
        impl<$($name: Authenticator),+> Methods for ($($name,)+) {
            fn into_boxed(self) -> Vec<Box<dyn Authenticator>> {
                #[expect(non_snake_case, reason = "types and values share their names here")]
                let ($($name,)+) = self;
                vec![$(Box::new($name)),+]
            }
        }
    )+};
}

impl_methods_for_tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}

impl Authenticator for AnyOf {
    fn authenticate(&self, head: &Parts) -> Decision {
        // Before any credential: a stale token beside a sign-in callback must not end the sign-in.
        match self.methods.iter().find(|method| method.owns_route(head)) {
            Some(owner) => owner.authenticate(head),
            None => ask_from(&self.methods, 0, head, None),
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        let configured = self.methods.iter().filter(|method| method.is_configured());
        if configured.count() > 1 {
            refusal.set_of_several_methods();
        }
        for method in &*self.methods {
            method.challenge(head, refusal);
        }
    }

    fn strip(&self, head: &mut Parts) {
        for method in &*self.methods {
            method.strip(head);
        }
    }

    fn owns_route(&self, head: &Parts) -> bool {
        self.methods.iter().any(|method| method.owns_route(head))
    }

    fn is_configured(&self) -> bool {
        self.methods.iter().any(Authenticator::is_configured)
    }
}

impl_layer_for_method!(AnyOf);

/// Whether the verdict is that of a method without a credential: it asks for one, or admits anonymously.
fn is_without_credential(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Refuse(refusal) => refusal.kind() == RefusalKind::Missing,
        Verdict::Admit(admission) => admission.is_anonymous(),
        Verdict::Answer(_) => false,
    }
}

/// Asks the methods from number `first` on. `fallback` is the verdict of an earlier method that found no
/// credential; it counts if no method finds one.
fn ask_from(
    methods: &Arc<[Box<dyn Authenticator>]>,
    first: usize,
    head: &Parts,
    mut fallback: Option<Verdict>,
) -> Decision {
    for (i, method) in methods.iter().enumerate().skip(first) {
        match method.authenticate(head) {
            Decision::Absent => {}
            Decision::Now(verdict) if is_without_credential(&verdict) => {
                fallback = Some(prefer(fallback, verdict));
            }
            Decision::Now(verdict) => return Decision::Now(verdict),
            Decision::Later(verdict) if fallback.is_none() && i + 1 == methods.len() => {
                return Decision::Later(verdict);
            }
            Decision::Later(verdict) => {
                // The future outlives this call, so it owns a copy of the head for the next methods. Only
                // requests that wait anyway pay for it.
                let methods = Arc::clone(methods);
                let head = head.clone();
                return Decision::later(async move {
                    let verdict = verdict.await;
                    if !is_without_credential(&verdict) {
                        return verdict;
                    }
                    let fallback = prefer(fallback, verdict);
                    match ask_from(&methods, i + 1, &head, Some(fallback)) {
                        Decision::Absent => Verdict::Refuse(Refusal::missing()),
                        Decision::Now(verdict) => verdict,
                        Decision::Later(verdict) => verdict.await,
                    }
                });
            }
        }
    }
    fallback.map_or(Decision::Absent, Decision::Now)
}

/// An optional method makes all of them optional; otherwise the first refusal stands, with its headers.
fn prefer(fallback: Option<Verdict>, verdict: Verdict) -> Verdict {
    match (fallback, verdict) {
        (None | Some(Verdict::Refuse(_)), verdict @ Verdict::Admit(_)) => verdict,
        (fallback, verdict) => fallback.unwrap_or(verdict),
    }
}
