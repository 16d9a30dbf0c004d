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

/// Admits GET, HEAD and OPTIONS for some paths anonymously, whatever credential the request carries. The
/// method decides about all other requests.
///
/// A path is exact, or ends with `/*`, which stands for everything below a folder and the folder itself. The
/// path of the request must be the canonical spelling, byte for byte; no other spelling is public. Put
/// [`CanonicalPathLayer`](crate::CanonicalPathLayer) outside, which makes all spellings one.
///
/// ```
/// use portcullis::gate::PublicPaths;
/// use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
///
/// let basic = BasicAuthLayer::new("packages", FixedUsers::new([("ci", "s3cret")])?)?;
/// let gate = PublicPaths::new(["/healthz", "/public/*"], basic.clone())?;
/// assert!(PublicPaths::new(["/public/*.html"], basic.clone()).is_err());
/// assert!(PublicPaths::new(["/public/../private"], basic).is_err());
/// # let _ = tower_layer::Layer::layer(&gate, ());
/// # Ok::<_, portcullis::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PublicPaths<A> {
    paths: Arc<Paths>,
    method: A,
}

#[derive(Debug, Default)]
struct Paths {
    exact: HashSet<String>,
    /// Each with its final slash.
    folders: Vec<String>,
}

impl Paths {
    fn add(&mut self, path: &str) -> Result<(), String> {
        let folder = path.strip_suffix('*').filter(|it| it.ends_with('/'));
        let plain = folder.unwrap_or(path);
        if plain.contains('*') {
            return Err(String::from(
                "a `*` can only be the last segment, as in /public/*; `%2A` is the character itself",
            ));
        }
        let parsed = RequestPath::parse(plain).map_err(|error| error.to_string())?;
        match (folder, parsed.into_string()) {
            (None, path) => drop(self.exact.insert(path)),
            (Some(_), root) if root == "/" => {
                let problem = "makes every path public, for which InsecureNoAuth is the method";
                return Err(problem.to_owned());
            }
            (Some(_), folder) => self.folders.push(folder),
        }
        Ok(())
    }

    fn have(&self, path: &str) -> bool {
        // Another spelling may lead out of the folder: /public/../private.
        let is_canonical = || RequestPath::parse(path).is_ok_and(|path| path.was_canonical());
        let is_below = |folder: &String| path.starts_with(folder);
        self.exact.contains(path) || self.folders.iter().any(is_below) && is_canonical()
    }
}

impl<A: Authenticator> PublicPaths<A> {
    /// Makes `paths` public. Each is percent-encoded as in a URL, in any spelling.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if no request can have one of the paths (see [`crate::path`]), if a `*` is not
    /// the last segment, and for `/*`, which is everything.
    pub fn new<I>(paths: I, method: A) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut all = Paths::default();
        for path in paths {
            let path = path.as_ref();
            all.add(path)
                .map_err(|problem| ConfigError::new("paths", format!("{path:?}: {problem}")))?;
        }
        Ok(Self {
            paths: Arc::new(all),
            method,
        })
    }

    fn is_public(&self, head: &Parts) -> bool {
        matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS)
            && self.paths.have(head.uri.path())
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
