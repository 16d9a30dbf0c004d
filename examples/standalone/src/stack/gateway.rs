use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use portcullis::{CanonicalPathLayer, ConfigError};
use tower::{Service, ServiceBuilder};

use super::endpoint::mount;
use super::health::{HealthPaths, live, ready};
use super::router::Router;
use crate::access_log::AccessLogLayer;
use crate::error_chain::BoxError;
use crate::mount::Mount;

/// The whole gateway.
///
/// # Errors
///
/// [`ConfigError`] where the machine has no certificate authorities to trust S3 by.
pub(crate) fn gateway<B: Send + 'static>(
    mounts: Vec<Mount>,
    health: HealthPaths,
    log: AccessLogLayer,
) -> Result<
    impl Service<
        Request<B>,
        Response = Response<impl Body<Data = Bytes, Error = BoxError> + Send + 'static>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static,
    ConfigError,
> {
    let mounts = mounts.into_iter().map(|mount| {
        let client = mount.client()?;
        Ok((mount, client))
    });
    let mounts: Vec<_> = mounts.collect::<Result<_, ConfigError>>()?;
    let mut exact = Vec::new();
    if let Some(path) = health.live {
        exact.push((path, live()));
    }
    if let Some(path) = health.ready {
        exact.push((path, ready(&mounts)?));
    }
    let mounts = mounts
        .into_iter()
        .map(|(it, client)| Ok((it.path.clone(), mount(it, client)?)))
        .collect::<Result<_, ConfigError>>()?;
    Ok(ServiceBuilder::new()
        .layer(log)
        .layer(CanonicalPathLayer::new())
        .service(Router::new(exact, mounts)))
}
