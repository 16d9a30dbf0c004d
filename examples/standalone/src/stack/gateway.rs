use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use portcullis::client_address::{ClientNetworkLayer, TrustedProxies};
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::{CanonicalPathLayer, ConfigError, PathTokenLayer};
use tower::util::{BoxCloneSyncService, Either};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::health::{HealthPaths, live, ready};
use super::mount::mount;
use super::router::Router;
use crate::access_log::AccessLogLayer;
use crate::endpoint::{Endpoint, boxed};
use crate::error_chain::BoxError;
use crate::leaf::OpenLeaf;
use crate::mount::Mount;
use crate::mount_path::MountPath;

/// The whole gateway.
///
/// # Errors
///
/// Returns [`ConfigError`] if the machine has no certificate authorities to verify S3 by.
pub(crate) fn gateway<B: Send + 'static>(
    mounts: Vec<Mount>,
    health: HealthPaths,
    proxies: Option<TrustedProxies>,
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
    let path_tokens = path_tokens(&mounts)?;
    let (mut exact, mut endpoints, mut leaves) = (Vec::new(), Vec::new(), Vec::new());
    for Mount {
        path,
        gates,
        public,
        people,
        leaf,
    } in mounts
    {
        if let Some(metadata) = &gates.read.metadata {
            exact.push((metadata.path().to_owned(), published(metadata.clone())));
        }
        let OpenLeaf {
            endpoint,
            readiness,
        } = leaf.open()?;
        leaves.extend(readiness);
        let endpoint = mount(&path, gates, public, people.as_ref(), endpoint)?;
        endpoints.push((path, endpoint));
    }
    if let Some(path) = health.live {
        exact.push((path, live()));
    }
    if let Some(path) = health.ready {
        exact.push((path, ready(leaves)));
    }
    let router = Router::new(exact, endpoints);
    Ok(ServiceBuilder::new()
        .option_layer(proxies.map(ClientNetworkLayer::new))
        .layer(log)
        .layer(CanonicalPathLayer::new())
        .service(match path_tokens {
            None => Either::Left(router),
            Some(layer) => Either::Right(layer.layer(router).map_response(boxed)),
        }))
}

/// The layer that takes tokens out of paths, if a mount accepts them there.
fn path_tokens(mounts: &[Mount]) -> Result<Option<PathTokenLayer>, ConfigError> {
    let wanting = mounts.iter();
    let mut wanting = wanting.filter(|it| it.gates.read.token_in_path).peekable();
    if wanting.peek().is_none() {
        return Ok(None);
    }
    // At the root the layer accepts tokens anyway.
    let paths = wanting
        .map(|mount| &mount.path)
        .filter(|it| **it != MountPath::ROOT);
    let mut layer = PathTokenLayer::new();
    for path in paths {
        layer = layer.with_mount(&path.to_string())?;
    }
    Ok(Some(layer))
}

/// The service of the document that tells clients where to get a token.
fn published<B: Send + 'static>(metadata: ResourceMetadata) -> Endpoint<B> {
    let leaf = ServiceBuilder::new().map_response(boxed);
    BoxCloneSyncService::new(leaf.service(metadata))
}
