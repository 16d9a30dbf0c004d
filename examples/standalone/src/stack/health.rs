use http::{Request, StatusCode};
use portcullis::s3::{BucketClient, S3Error};
use portcullis::{ConfigError, S3Proxy};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use super::endpoint::{Endpoint, short_text};
use crate::mount::Mount;

/// Where health is told, as canonical paths of the URL; outside of all mounts and gates.
#[derive(Clone, Debug, Default)]
pub(crate) struct HealthPaths {
    /// 200 as long as the program runs.
    pub(crate) live: Option<String>,
    /// 200 where S3 gives each object that a mount names for it, else 503.
    pub(crate) ready: Option<String>,
}

/// Tells that the program runs.
pub(super) fn live<B: Send + 'static>() -> Endpoint<B> {
    BoxCloneSyncService::new(service_fn(async |_| Ok(short_text(StatusCode::OK))))
}

/// Asks S3 for the object of each mount that names one.
///
/// # Errors
///
/// [`ConfigError`] where the machine has no certificate authorities to trust S3 by.
pub(super) fn ready<B: Send + 'static>(mounts: &[Mount]) -> Result<Endpoint<B>, ConfigError> {
    let mut objects = Vec::new();
    for mount in mounts {
        if let Some(path) = mount.health.as_deref().and_then(|it| mount.path.strip(it)) {
            let client = BucketClient::new(mount.bucket.clone(), mount.credentials.clone())?;
            objects.push((S3Proxy::new(client), path.to_owned()));
        }
    }
    Ok(BoxCloneSyncService::new(service_fn(move |_| {
        let objects = objects.clone();
        async move {
            for (proxy, path) in objects {
                let request = Request::head(path).body(()).expect("a path is a target");
                let Ok(response) = proxy.oneshot(request).await;
                if response.status() != StatusCode::OK {
                    let mut unready = short_text(StatusCode::SERVICE_UNAVAILABLE);
                    let error = response.extensions().get::<S3Error>().cloned();
                    error.map(|error| unready.extensions_mut().insert(error));
                    return Ok(unready);
                }
            }
            Ok(short_text(StatusCode::OK))
        }
    })))
}
