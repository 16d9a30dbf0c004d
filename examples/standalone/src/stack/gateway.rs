use std::convert::Infallible;
use std::mem;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use portcullis::client_address::{ClientNetworkLayer, TrustedProxies};
use portcullis::resource_metadata::ResourceMetadata;
use portcullis::{CanonicalPathLayer, ConfigError, ErrorPagesLayer, PathTokenLayer};
use tower::util::{BoxCloneSyncService, Either};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::cors::with_cors;
use super::health::HealthPaths;
use super::limits::RequestLimits;
use super::mount::{MountLimits, mount};
use super::router::Router;
use super::site_files::site_files;
use crate::access_log::{AccessLogLayer, MountName};
use crate::endpoint::{Endpoint, boxed};
use crate::error_chain::BoxError;
use crate::leaf::OpenLeaf;
use crate::metrics::{self, Metrics};
use crate::mount::{Mount, ResponseHeaders};
use crate::mount_path::MountPath;
use crate::trial::Trial;

/// What a gateway serves, and how.
pub(crate) struct Plan {
    pub(crate) mounts: Vec<Mount>,
    pub(crate) health: HealthPaths,
    /// Whether the health checks have an address of their own.
    pub(crate) has_admin: bool,
    pub(crate) limits: RequestLimits,
    pub(crate) proxies: Option<TrustedProxies>,
}

/// The routes of a gateway, whose leaves are open.
pub(crate) struct Gateway<B> {
    exact: Vec<(String, Endpoint<B>)>,
    mounts: Vec<(MountPath, Endpoint<B>)>,
    health: Vec<(String, Endpoint<B>)>,
    trials: Vec<Trial>,
    readiness_trials: Vec<Trial>,
    has_admin: bool,
    path_tokens: Option<PathTokenLayer>,
    proxies: Option<TrustedProxies>,
}

impl<B: Send + 'static> Gateway<B> {
    /// Opens the leaves.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the machine has no certificate authorities to verify S3 by.
    pub(crate) fn open(plan: Plan) -> Result<Self, ConfigError> {
        let path_tokens = path_tokens(&plan.mounts)?;
        let limits = MountLimits {
            outside: plan.limits.outside(),
            inside: plan.limits.inside(),
        };
        let mut exact = site_files(&plan.mounts);
        let (mut mounts, mut leaves) = (Vec::new(), Vec::new());
        let (mut trials, mut readiness_trials) = (Vec::new(), Vec::new());
        for Mount {
            path,
            gates,
            public,
            headers,
            cors,
            people,
            leaf,
        } in plan.mounts
        {
            if let Some(metadata) = &gates.read.metadata {
                exact.push((metadata.path().to_owned(), published(metadata.clone())));
            }
            let name = MountName::new(path.to_string(), leaf.describe().what);
            let OpenLeaf {
                endpoint,
                readiness,
                trial,
                readiness_trial,
            } = leaf.open()?;
            trials.push(trial);
            readiness_trials.extend(readiness_trial);
            leaves.extend(readiness.map(|endpoint| (name.clone(), endpoint)));
            let endpoint = mount(
                &path,
                gates,
                public,
                people.as_ref(),
                name.clone(),
                endpoint,
                &limits,
            )?;
            let endpoint = with_cors(with_headers(endpoint, headers), cors, name);
            mounts.push((path, endpoint));
        }
        Ok(Self {
            exact,
            mounts,
            health: plan.health.routes(leaves),
            trials,
            readiness_trials,
            has_admin: plan.has_admin,
            path_tokens,
            proxies: plan.proxies,
        })
    }

    /// The trials of the stores, which are taken out.
    pub(crate) fn trials(&mut self) -> Vec<Trial> {
        mem::take(&mut self.trials)
    }

    /// The trials of the objects of readiness, which are taken out.
    pub(crate) fn readiness_trials(&mut self) -> Vec<Trial> {
        mem::take(&mut self.readiness_trials)
    }

    /// The health checks and the metrics, for an address of their own.
    pub(crate) fn admin(&self, log: AccessLogLayer, metrics: &Metrics) -> Endpoint<B> {
        let stack = ServiceBuilder::new()
            .map_response(boxed)
            .layer(log)
            .layer(CanonicalPathLayer::new());
        let mut exact = self.health.clone();
        exact.push((metrics::PATH.to_owned(), metrics.endpoint()));
        let router = Router::new(exact, Vec::new());
        BoxCloneSyncService::new(stack.service(router))
    }

    /// The whole gateway, with the health checks if they have no address of their own.
    pub(crate) fn service(
        self,
        log: AccessLogLayer,
    ) -> impl Service<
        Request<B>,
        Response = Response<impl Body<Data = Bytes, Error = BoxError> + Send + 'static>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + 'static {
        let mut exact = self.exact;
        if !self.has_admin {
            exact.extend(self.health);
        }
        let router = Router::new(exact, self.mounts);
        ServiceBuilder::new()
            .option_layer(self.proxies.map(ClientNetworkLayer::new))
            .layer(log)
            .layer(ErrorPagesLayer::new())
            .layer(CanonicalPathLayer::new())
            .service(match self.path_tokens {
                None => Either::Left(router),
                Some(layer) => Either::Right(layer.layer(router).map_response(boxed)),
            })
    }
}

/// The endpoint with these headers in each response.
fn with_headers<B: Send + 'static>(endpoint: Endpoint<B>, headers: ResponseHeaders) -> Endpoint<B> {
    if headers.is_empty() {
        return endpoint;
    }
    BoxCloneSyncService::new(endpoint.map_response(move |mut response| {
        headers.set(response.headers_mut());
        response
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
