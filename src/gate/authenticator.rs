use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::decision::Decision;
use super::refusal::Refusal;

/// A way to sign in: it decides about requests, and a [`Gate`](super::Gate) enforces.
///
/// A method keeps its state behind an `Arc` of its own, so that a clone costs a counter, and its
/// clock too. The parts of this crate that implement this trait are layers as well; one's own
/// method becomes one in [`GateLayer::new`](super::GateLayer::new).
///
/// ```
/// use http::request::Parts;
/// use http::StatusCode;
/// use portcullis::gate::{Authenticator, Challenge, Decision, GateLayer, Identity, Refusal};
///
/// /// Admits who knows the word of the day.
/// #[derive(Clone, Debug)]
/// struct Password {
///     identity: Identity,
///     challenge: Challenge,
/// }
///
/// impl Authenticator for Password {
///     fn authenticate(&self, head: &Parts) -> Decision {
///         let mut words = head.headers.get_all("x-word").iter();
///         match (words.next(), words.next()) {
///             (None, _) => Decision::Absent,
///             (Some(_), Some(_)) => Decision::refuse(Refusal::malformed("two words")),
///             (Some(word), None) if word == "swordfish" => Decision::admit(self.identity.clone()),
///             _ => Decision::refuse(Refusal::invalid("not the word of the day")),
///         }
///     }
///
///     fn challenge(&self, _head: &Parts, refusal: &mut Refusal) {
///         if refusal.status() == StatusCode::UNAUTHORIZED {
///             refusal.add_challenge(self.challenge.clone());
///         }
///     }
///
///     fn strip(&self, head: &mut Parts) {
///         head.headers.remove("x-word");
///     }
/// }
///
/// let identity = Identity::new("word", "anyone");
/// let challenge = Challenge::new("Word")?.with_param("realm", "the cellar")?;
/// let method = Password { identity, challenge };
/// let (head, ()) = http::Request::get("/").header("x-word", "swordfish").body(()).unwrap().into_parts();
/// assert!(matches!(method.authenticate(&head), Decision::Now(portcullis::gate::Verdict::Admit(_))));
/// let (head, ()) = http::Request::get("/").body(()).unwrap().into_parts();
/// assert!(matches!(method.authenticate(&head), Decision::Absent));
/// let layer = GateLayer::new(method);
/// # let _ = tower_layer::Layer::layer(&layer, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
pub trait Authenticator: fmt::Debug + Send + Sync + 'static {
    /// Decides about a request.
    ///
    /// Whether a credential of this method's kind is there is told at once; what it is worth may
    /// come later. A malformed credential is refused, never absent: only so can the methods of an
    /// [`AnyOf`](super::AnyOf) be tried in turn.
    fn authenticate(&self, head: &Parts) -> Decision;

    /// Tells the client of a refused request how to sign in by this method.
    ///
    /// Called when a request is refused with a status of 4xx and the refusal has no
    /// `WWW-Authenticate` line of its own. The usual implementation adds one to a 401 by
    /// [`Refusal::add_challenge`]; a method for browsers answers a navigation with a redirect by
    /// [`Refusal::answer_with`], or by [`Refusal::answer_later`] where it takes time to know where to.
    /// [`Refusal::is_of_several_methods`] tells whether clients of another method hear it too.
    fn challenge(&self, head: &Parts, refusal: &mut Refusal);

    /// Removes this method's own kind of credential, and no other's, from an admitted request.
    fn strip(&self, head: &mut Parts);

    /// Whether the request is for a route of the method's own, such as a sign-in callback.
    ///
    /// Then [`authenticate`](Self::authenticate) of this method alone decides, before any
    /// credential is looked at.
    fn owns_route(&self, head: &Parts) -> bool {
        let _ = head;
        false
    }

    /// Whether anyone can ever sign in by this method; `None::<A>` is the one that says no.
    fn is_configured(&self) -> bool {
        true
    }
}

macro_rules! forward_to_pointee {
    ($($pointer:ident),*) => {$(
        impl<A: Authenticator + ?Sized> Authenticator for $pointer<A> {
            fn authenticate(&self, head: &Parts) -> Decision {
                (**self).authenticate(head)
            }

            fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
                (**self).challenge(head, refusal);
            }

            fn strip(&self, head: &mut Parts) {
                (**self).strip(head);
            }

            fn owns_route(&self, head: &Parts) -> bool {
                (**self).owns_route(head)
            }

            fn is_configured(&self) -> bool {
                (**self).is_configured()
            }
        }
    )*};
}

forward_to_pointee!(Arc, Box);

/// `None` finds every request without a credential: alone it admits nobody.
impl<A: Authenticator> Authenticator for Option<A> {
    fn authenticate(&self, head: &Parts) -> Decision {
        self.as_ref()
            .map_or(Decision::Absent, |method| method.authenticate(head))
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        if let Some(method) = self {
            method.challenge(head, refusal);
        }
    }

    fn strip(&self, head: &mut Parts) {
        if let Some(method) = self {
            method.strip(head);
        }
    }

    fn owns_route(&self, head: &Parts) -> bool {
        self.as_ref().is_some_and(|method| method.owns_route(head))
    }

    fn is_configured(&self) -> bool {
        self.as_ref().is_some_and(Authenticator::is_configured)
    }
}
