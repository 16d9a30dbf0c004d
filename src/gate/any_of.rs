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
/// A refusal by one is final, whatever the others might have said; a refused request is told the
/// challenges of all, one for each scheme and realm. A request for a route of one method's own goes
/// to that method before any credential is looked at.
///
/// Where several methods read one header, they tell their kinds apart by shape, and the one that
/// takes any shape, a user table, goes last.
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
    /// Takes a tuple of methods or a `Vec` of boxed ones. `None` stands for a method that is not
    /// wanted this time.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where there is no method at all, since such a gate can admit nobody.
    pub fn new(methods: impl Methods) -> Result<Self, ConfigError> {
        let methods = methods.into_boxed();
        if !methods.iter().any(Authenticator::is_configured) {
            return Err(ConfigError::new("methods", "at least one is needed"));
        }
        Ok(Self {
            methods: methods.into(),
        })
    }
}

/// What [`AnyOf::new`] takes: a tuple of up to eight methods, or a `Vec` of boxed ones.
pub trait Methods: sealed::Sealed {
    #[doc(hidden)]
    fn into_boxed(self) -> Vec<Box<dyn Authenticator>>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Vec<Box<dyn Authenticator>> {}
impl Methods for Vec<Box<dyn Authenticator>> {
    fn into_boxed(self) -> Self {
        self
    }
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
        match self.methods.iter().find(|method| method.owns_route(head)) {
            Some(owner) => owner.authenticate(head),
            None => ask_from(&self.methods, 0, head),
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
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

pub(super) fn is_missing(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Refuse(refusal) if refusal.kind() == RefusalKind::Missing)
}

/// Asks the methods from number `first` on.
fn ask_from(methods: &Arc<[Box<dyn Authenticator>]>, first: usize, head: &Parts) -> Decision {
    for (i, method) in methods.iter().enumerate().skip(first) {
        match method.authenticate(head) {
            Decision::Absent => {}
            Decision::Now(verdict) if is_missing(&verdict) => {}
            Decision::Now(verdict) => return Decision::Now(verdict),
            Decision::Later(verdict) if i + 1 == methods.len() => return Decision::Later(verdict),
            Decision::Later(verdict) => {
                let methods = Arc::clone(methods);
                let head = head.clone();
                return Decision::later(async move {
                    let verdict = verdict.await;
                    if !is_missing(&verdict) {
                        return verdict;
                    }
                    match ask_from(&methods, i + 1, &head) {
                        Decision::Absent => Verdict::Refuse(Refusal::missing()),
                        Decision::Now(verdict) => verdict,
                        Decision::Later(verdict) => verdict.await,
                    }
                });
            }
        }
    }
    Decision::Absent
}
