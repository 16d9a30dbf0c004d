use http::{Request, StatusCode};
use portcullis::ConfigError;
use portcullis::health::Health;
use portcullis::s3::BucketClient;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt, service_fn};

use super::endpoint::{Endpoint, boxed, status_text};
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
    let live = ServiceBuilder::new().map_response(boxed);
    BoxCloneSyncService::new(live.service(Health::live()))
}

/// Asks S3 for the object of each mount that names one, and answers as the first that is not ready.
///
/// # Errors
///
/// [`ConfigError`] for a path that names no object.
pub(super) fn ready<B: Send + 'static>(
    mounts: &[(Mount, BucketClient)],
) -> Result<Endpoint<B>, ConfigError> {
    let mut objects = Vec::new();
    for (mount, client) in mounts {
        if let Some(path) = mount.health.as_deref().and_then(|it| mount.path.strip(it)) {
            objects.push(Health::ready(client.clone(), path)?);
        }
    }
    Ok(BoxCloneSyncService::new(service_fn(
        move |request: Request<B>| {
            let (objects, method) = (objects.clone(), request.method().clone());
            async move {
                let mut answer = status_text(StatusCode::OK);
                for object in objects {
                    let mut request = Request::new(());
                    *request.method_mut() = method.clone();
                    answer = object.oneshot(request).await.map(boxed)?;
                    if answer.status() != StatusCode::OK {
                        break;
                    }
                }
                Ok(answer)
            }
        },
    )))
}
