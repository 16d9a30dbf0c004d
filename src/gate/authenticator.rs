use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use super::decision::Decision;
use super::refusal::Refusal;

/// A method to sign in: it decides about requests, and a [`Gate`](super::Gate) enforces its decisions.
///
/// A method keeps its state behind an `Arc`, so that cloning it is cheap. The methods of this crate are
/// layers as well; [`GateLayer::new`](super::GateLayer::new) makes a layer of any other.
///
/// ```
/// use http::request::Parts;
/// use http::StatusCode;
/// use portcullis::gate::{Authenticator, Challenge, Decision, GateLayer, Identity, Refusal};
///
/// /// Admits clients that know the word of the day.
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
    /// It returns at once whether there is a credential of this method's kind; the verdict on it may come
    /// later. A malformed credential must be refused, not reported as absent, or another method of an
    /// [`AnyOf`](super::AnyOf) might admit the request.
    fn authenticate(&self, head: &Parts) -> Decision;

    /// Adds to a refusal how the client can sign in by this method.
    ///
    /// The gate calls it if a request is refused with a 4xx status and the refusal has no
    /// `WWW-Authenticate` line yet. Most methods add one to a 401 by [`Refusal::add_challenge`]; a method
    /// for browsers answers a navigation with a redirect by [`Refusal::answer_with`], or by
    /// [`Refusal::answer_later`] if finding the target takes time. If
    /// [`Refusal::is_of_several_methods`], clients of other methods get the same response.
    fn challenge(&self, head: &Parts, refusal: &mut Refusal);

    /// Removes this method's kind of credential, and no other, from an admitted request.
    fn strip(&self, head: &mut Parts);

    /// Whether the request is for a route of this method, such as a sign-in callback.
    ///
    /// If so, [`authenticate`](Self::authenticate) of this method alone decides, before any credential is
    /// read.
    fn owns_route(&self, head: &Parts) -> bool {
        let _ = head;
        false
    }

    /// Whether a client can sign in by this method at all. It is `false` for `None::<A>` alone.
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

/// `None` finds no credential in any request; alone it admits none.
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
