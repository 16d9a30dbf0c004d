use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::s3::BucketClient;
use portcullis::{CanonicalPathLayer, ConfigError, PathTokenLayer};
use tower::util::{BoxCloneSyncService, Either};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::endpoint::{Endpoint, boxed, mount};
use super::health::{HealthPaths, live, ready};
use super::router::Router;
use crate::access_log::AccessLogLayer;
use crate::error_chain::BoxError;
use crate::mount::{Mount, MountPath};

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
    let path_tokens = path_tokens(&mounts)?;
    let mut exact = Vec::new();
    for (mount, _) in &mounts {
        if let Some(metadata) = &mount.metadata {
            exact.push((metadata.path().to_owned(), published(metadata.clone())));
        }
    }
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
    let router = Router::new(exact, mounts);
    Ok(ServiceBuilder::new()
        .layer(log)
        .layer(CanonicalPathLayer::new())
        .service(match path_tokens {
            None => Either::Left(router),
            Some(layer) => Either::Right(layer.layer(router).map_response(boxed)),
        }))
}

/// What takes tokens out of paths, where a mount wants that.
fn path_tokens(mounts: &[(Mount, BucketClient)]) -> Result<Option<PathTokenLayer>, ConfigError> {
    let wanting = mounts.iter().map(|(mount, _)| mount);
    let mut wanting = wanting.filter(|mount| mount.token_in_path).peekable();
    if wanting.peek().is_none() {
        return Ok(None);
    }
    // At the root tokens are taken anyway.
    let paths = wanting
        .map(|mount| &mount.path)
        .filter(|it| **it != MountPath::ROOT);
    let mut layer = PathTokenLayer::new();
    for path in paths {
        layer = layer.with_mount(&path.to_string())?;
    }
    Ok(Some(layer))
}

/// The document that tells clients where to get a token, before they have one.
fn published<B: Send + 'static>(metadata: ResourceMetadata) -> Endpoint<B> {
    let leaf = ServiceBuilder::new().map_response(boxed);
    BoxCloneSyncService::new(leaf.service(metadata))
}
