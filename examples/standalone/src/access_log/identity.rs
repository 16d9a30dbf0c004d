use std::sync::{Arc, OnceLock};

use http::Request;
use portcullis::gate::Identity;

/// A place in the extensions of a request, where the inside of the gate leaves the identity for the
/// log outside of it. It is filled before the response exists, so that the log also names a client
/// that leaves early.
#[derive(Clone, Default)]
pub(super) struct Admitted {
    identity: Arc<OnceLock<Identity>>,
}

impl Admitted {
    /// The subject of the admitted identity.
    pub(super) fn subject(&self) -> Option<&str> {
        self.identity.get().map(Identity::subject)
    }
}

/// Reports the admitted identity to the log. It belongs just inside the gate.
pub(crate) fn report_identity<B>(request: Request<B>) -> Request<B> {
    let extensions = request.extensions();
    if let (Some(admitted), Some(identity)) =
        (extensions.get::<Admitted>(), extensions.get::<Identity>())
    {
        admitted.identity.get_or_init(|| identity.clone());
    }
    request
}
