use http::{Request, StatusCode};
use portcullis::health::Health;
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt, service_fn};

use crate::access_log::{MountName, report_mount};
use crate::endpoint::{Endpoint, boxed, status_text};

/// The paths of the health checks, canonical, outside of all mounts and gates.
#[derive(Clone, Debug, Default)]
pub(crate) struct HealthPaths {
    /// 200 while the program runs.
    pub(crate) live: Option<String>,
    /// 200 if S3 returns the object of each mount that names one, otherwise 503.
    pub(crate) ready: Option<String>,
}

impl HealthPaths {
    /// The services of the paths. Readiness asks the leaves.
    pub(super) fn routes<B: Send + 'static>(
        self,
        leaves: Vec<(MountName, Endpoint<()>)>,
    ) -> Vec<(String, Endpoint<B>)> {
        let live = self.live.map(|path| (path, live()));
        let ready = self.ready.map(|path| (path, ready(leaves)));
        live.into_iter().chain(ready).collect()
    }
}

/// Answers while the program runs.
fn live<B: Send + 'static>() -> Endpoint<B> {
    let live = ServiceBuilder::new().map_response(boxed);
    BoxCloneSyncService::new(live.service(Health::live()))
}

/// Asks the leaves, and answers as the first one that is not ready.
fn ready<B: Send + 'static>(leaves: Vec<(MountName, Endpoint<()>)>) -> Endpoint<B> {
    BoxCloneSyncService::new(service_fn(move |request: Request<B>| {
        let (leaves, method) = (leaves.clone(), request.method().clone());
        let extensions = request.extensions().clone();
        async move {
            let mut answer = status_text(&method, StatusCode::OK);
            for (mount, leaf) in leaves {
                let mut request = Request::new(());
                *request.method_mut() = method.clone();
                answer = leaf.oneshot(request).await?;
                if answer.status() != StatusCode::OK {
                    report_mount(&extensions, &mount);
                    break;
                }
            }
            Ok(answer)
        }
    }))
}
