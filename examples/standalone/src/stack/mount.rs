use http::Request;
use portcullis::gate::PublicPaths;
use portcullis::{ConfigError, RequestLimitLayer, StripPrefixLayer};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, ServiceExt};

use crate::access_log::{MountName, report_identity, report_mount};
use crate::endpoint::{Endpoint, boxed};
use crate::gates::sso::all_trouble_alike;
use crate::gates::{Gates, People, Profile};
use crate::mount_path::MountPath;

/// The limits that all mounts share.
pub(super) struct MountLimits {
    /// Outside of the gate.
    pub(super) outside: RequestLimitLayer,
    /// Around the leaf.
    pub(super) inside: RequestLimitLayer,
}

/// The stack of a mount: its gate, and its leaf below its path, within the limits.
///
/// # Errors
///
/// Returns [`ConfigError`] if a part refuses its settings.
pub(super) fn mount<B: Send + 'static>(
    path: &MountPath,
    gates: Gates,
    public: Vec<String>,
    people: Option<&People>,
    name: MountName,
    leaf: Endpoint<B>,
    limits: &MountLimits,
) -> Result<Endpoint<B>, ConfigError> {
    let gate = PublicPaths::new(public, gates.read.access.into_method()?)?;
    let endpoint = ServiceBuilder::new()
        .map_response(boxed)
        .map_request(move |request: Request<B>| {
            report_mount(request.extensions(), &name);
            request
        })
        .layer(limits.outside.clone())
        .layer(gate)
        .map_request(report_identity::<B>)
        .layer(StripPrefixLayer::new(&path.to_string())?.with_slash_redirect())
        .layer(limits.inside.clone())
        .service(leaf);
    Ok(match people.map(|people| people.profile) {
        Some(Profile::StreamingProxy) => {
            BoxCloneSyncService::new(endpoint.map_response(all_trouble_alike))
        }
        _ => BoxCloneSyncService::new(endpoint),
    })
}
