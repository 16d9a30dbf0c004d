use std::sync::{Arc, OnceLock};

use http::{Extensions, Request};
use portcullis::gate::Identity;

/// A place in the extensions of a request, where inner parts leave for the log what only they know. It is
/// filled before the response exists, so that the line of a client that leaves early has it too.
#[derive(Clone, Default)]
pub(super) struct Reported {
    known: Arc<Known>,
}

#[derive(Default)]
struct Known {
    identity: OnceLock<Identity>,
    mount: OnceLock<MountName>,
}

impl Reported {
    /// The subject of the admitted identity.
    pub(super) fn subject(&self) -> Option<&str> {
        self.known.identity.get().map(Identity::subject)
    }

    pub(super) fn mount(&self) -> Option<&MountName> {
        self.known.mount.get()
    }
}

/// The path of a mount, and what it serves, such as a bucket with its prefix.
#[derive(Clone)]
pub(crate) struct MountName {
    pub(super) path: Arc<str>,
    pub(super) serves: Arc<str>,
}

impl MountName {
    pub(crate) fn new(path: String, serves: String) -> Self {
        Self {
            path: path.into(),
            serves: serves.into(),
        }
    }
}

/// Reports the admitted identity to the log. It belongs just inside the gate.
pub(crate) fn report_identity<B>(request: Request<B>) -> Request<B> {
    let extensions = request.extensions();
    if let (Some(reported), Some(identity)) =
        (extensions.get::<Reported>(), extensions.get::<Identity>())
    {
        reported.known.identity.get_or_init(|| identity.clone());
    }
    request
}

/// Reports the mount that answers to the log. The first report counts.
pub(crate) fn report_mount(extensions: &Extensions, mount: &MountName) {
    if let Some(reported) = extensions.get::<Reported>() {
        reported.known.mount.get_or_init(|| mount.clone());
    }
}
