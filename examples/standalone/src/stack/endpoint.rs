use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use portcullis::gate::PublicPaths;
use portcullis::response::short_text;
use portcullis::s3::BucketClient;
use portcullis::{ConfigError, IndexRewriteLayer, S3Proxy};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt, service_fn};

use super::mount_path::take_off;
use super::streaming_proxy::all_trouble_alike;
use crate::access_log::report_identity;
use crate::error_chain::BoxError;
use crate::mount::Mount;

/// The body of an answer, whichever part made it.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// What a path leads to. Mounts differ in their types, so they are boxed here and nowhere else.
pub(crate) type Endpoint<B> = BoxCloneSyncService<Request<B>, Response<Body>, Infallible>;

/// The stack of a mount, which reads by `client`.
///
/// # Errors
///
/// [`ConfigError`] for what a part does not take.
pub(super) fn mount<B: Send + 'static>(
    mount: Mount,
    client: BucketClient,
) -> Result<Endpoint<B>, ConfigError> {
    let gate = PublicPaths::new(mount.public, mount.access.into_method()?)?;
    let path = mount.path;
    let proxy = mount.options.apply(S3Proxy::new(client))?;
    let leaf = service_fn(move |request| {
        let (request, proxy) = (take_off(&path, request), proxy.clone());
        async move {
            match request {
                Some(request) => proxy.oneshot(request).await.map(boxed),
                None => Ok(status_text(StatusCode::NOT_FOUND)),
            }
        }
    });
    let outside = ServiceBuilder::new()
        .layer(gate)
        .map_request(report_identity::<B>);
    let endpoint = if mount.index {
        let index = IndexRewriteLayer::new().with_folder_object();
        BoxCloneSyncService::new(outside.layer(index).service(leaf).map_response(boxed))
    } else {
        BoxCloneSyncService::new(outside.service(leaf).map_response(boxed))
    };
    Ok(match mount.people {
        Some(people) if people.is_streaming_proxy => {
            BoxCloneSyncService::new(endpoint.map_response(all_trouble_alike))
        }
        _ => endpoint,
    })
}

pub(super) fn boxed<B>(response: Response<B>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    response.map(|body| body.map_err(Into::into).boxed_unsync())
}

/// A short response that names its status.
pub(super) fn status_text(status: StatusCode) -> Response<Body> {
    boxed(short_text(status, "").map(Full::new))
}
