use std::sync::Arc;

use tower_layer::Layer;

use super::mounts::Mounts;
use super::service::PathToken;
use crate::error::ConfigError;

/// Layer that applies [`PathToken`].
///
/// See the [module docs](crate::path_token) for the tokens that it removes and those that it refuses.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PathTokenLayer {
    mounts: Arc<Mounts>,
}

impl PathTokenLayer {
    /// Removes tokens at the root: `/t/<token>/…`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes tokens after this path as well: `/conda/t/<token>/…` after `/conda`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if no request can have the path (see [`crate::path`]), if it is the root,
    /// or if it has a segment that is `t` or empty.
    pub fn with_mount(mut self, path: &str) -> Result<Self, ConfigError> {
        Arc::make_mut(&mut self.mounts).add(path)?;
        Ok(self)
    }
}

impl<S> Layer<S> for PathTokenLayer {
    type Service = PathToken<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PathToken::with_mounts(inner, Arc::clone(&self.mounts))
    }
}

impl PathToken<()> {
    /// The layer that makes this service.
    pub fn layer() -> PathTokenLayer {
        PathTokenLayer::new()
    }
}
