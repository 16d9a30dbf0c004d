use std::sync::{Arc, OnceLock};

use http::Request;
use portcullis::gate::Identity;

/// A place in the extensions of a request where the inside of the gate leaves the identity for the
/// log outside of it. It is filled before the response is there, so that the log names whoever left
/// before.
#[derive(Clone, Default)]
pub(super) struct Admitted {
    identity: Arc<OnceLock<Identity>>,
}

impl Admitted {
    /// The name of who was admitted.
    pub(super) fn subject(&self) -> Option<&str> {
        self.identity.get().map(Identity::subject)
    }
}

/// Tells the log whom the gate has admitted; stands just inside of it.
pub(crate) fn report_identity<B>(request: Request<B>) -> Request<B> {
    let extensions = request.extensions();
    if let (Some(admitted), Some(identity)) =
        (extensions.get::<Admitted>(), extensions.get::<Identity>())
    {
        admitted.identity.get_or_init(|| identity.clone());
    }
    request
}
