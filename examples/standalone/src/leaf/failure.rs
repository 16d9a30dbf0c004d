use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::Response;

/// The reason for a response that is not the requested one. It is in the response's extensions, for the
/// log.
#[derive(Clone, Debug)]
pub(crate) struct LeafFailure(Arc<dyn Error + Send + Sync>);

impl LeafFailure {
    /// Adds the error that a part of the library left as an `E`.
    pub(crate) fn of<E, B>(mut response: Response<B>) -> Response<B>
    where
        E: Error + Clone + Send + Sync + 'static,
    {
        let extensions = response.extensions_mut();
        if let Some(error) = extensions.get::<E>().cloned() {
            extensions.insert(Self(Arc::new(error)));
        }
        response
    }
}

impl fmt::Display for LeafFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for LeafFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
