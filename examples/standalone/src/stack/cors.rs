use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use crate::access_log::{MountName, report_mount};
use crate::endpoint::Endpoint;
use crate::mount::{Cors, is_preflight, permit};

/// The endpoint for scripts of other origins too. A preflight of theirs does not reach the gate, which
/// would refuse it, and they can read every other answer, refusals too.
pub(super) fn with_cors<B: Send + 'static>(
    endpoint: Endpoint<B>,
    cors: Cors,
    name: MountName,
) -> Endpoint<B> {
    if cors.is_empty() {
        return endpoint;
    }
    BoxCloneSyncService::new(service_fn(move |request: Request<B>| {
        let (endpoint, cors, name) = (endpoint.clone(), cors.clone(), name.clone());
        async move {
            let allowed = cors.allowed(request.headers());
            let mut response = if allowed.is_some() && is_preflight(&request) {
                report_mount(request.extensions(), &name);
                let nothing = Empty::new().map_err(|never| match never {}).boxed_unsync();
                let mut response = http::Response::new(nothing);
                *response.status_mut() = StatusCode::NO_CONTENT;
                permit(response.headers_mut());
                response
            } else {
                endpoint.oneshot(request).await?
            };
            cors.set(allowed, response.headers_mut());
            Ok(response)
        }
    }))
}
