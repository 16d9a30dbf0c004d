use std::collections::HashSet;
use std::sync::Arc;

use http::Method;
use http::request::Parts;

use super::admission::Admission;
use super::authenticator::Authenticator;
use super::decision::{Decision, Verdict};
use super::layer::impl_layer_for_method;
use super::refusal::Refusal;
use crate::error::ConfigError;
use crate::path::RequestPath;

/// Admits GET, HEAD and OPTIONS for a few exact paths anonymously, whatever credential the request
/// carries. The method decides about all other requests.
///
/// The path of the request must be the canonical spelling, byte for byte; no other spelling is public. Put
/// [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside, which makes all spellings one. There are no
/// patterns.
///
/// ```
/// use portcullis::gate::PublicPaths;
/// use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
///
/// let basic = BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")])?)?;
/// let gate = PublicPaths::new(["/healthz"], basic.clone())?;
/// assert!(PublicPaths::new(["/public/../private"], basic).is_err());
/// # let _ = tower_layer::Layer::layer(&gate, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PublicPaths<A> {
    paths: Arc<HashSet<String>>,
    method: A,
}

impl<A: Authenticator> PublicPaths<A> {
    /// Makes `paths` public. Each is percent-encoded as in a URL, in any spelling.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if no request can have one of the paths: see [`crate::path`].
    pub fn new<I>(paths: I, method: A) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut canonical = HashSet::new();
        for path in paths {
            let path = path.as_ref();
            let parsed = RequestPath::parse(path)
                .map_err(|error| ConfigError::new("paths", format!("{path:?}: {error}")))?;
            canonical.insert(parsed.into_string());
        }
        Ok(Self {
            paths: Arc::new(canonical),
            method,
        })
    }

    fn is_public(&self, head: &Parts) -> bool {
        matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS)
            && self.paths.contains(head.uri.path())
    }
}

impl<A: Authenticator> Authenticator for PublicPaths<A> {
    fn authenticate(&self, head: &Parts) -> Decision {
        if self.is_public(head) {
            Decision::Now(Verdict::Admit(Admission::anonymous()))
        } else {
            self.method.authenticate(head)
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.method.challenge(head, refusal);
    }

    fn strip(&self, head: &mut Parts) {
        self.method.strip(head);
    }

    fn owns_route(&self, head: &Parts) -> bool {
        // So that a wrong credential of another method in an `AnyOf` does not close a public path.
        self.is_public(head) || self.method.owns_route(head)
    }

    fn is_configured(&self) -> bool {
        self.method.is_configured()
    }
}

impl_layer_for_method!(PublicPaths<A>);
