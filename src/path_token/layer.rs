use std::sync::Arc;

use tower_layer::Layer;

use super::mounts::Mounts;
use super::service::PathToken;
use crate::error::ConfigError;

/// Layer that applies [`PathToken`].
///
/// See the [module docs](crate::path_token) for what it takes and what it refuses.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PathTokenLayer {
    mounts: Arc<Mounts>,
}

impl PathTokenLayer {
    /// Takes tokens at the root: `/t/<token>/…`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes them after this path as well: `/conda/t/<token>/…` after `/conda`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a path that could not stand in a request (see [`crate::path`]), for the
    /// root, and for a path with a segment that is `t` or empty.
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
