use std::fmt;

use super::store::Store;
use crate::endpoint::Endpoint;
use crate::trial::Trial;

/// A leaf that serves. Its parts share its connections.
pub(crate) struct OpenLeaf<B> {
    /// Answers for the path below the mount.
    pub(crate) endpoint: Endpoint<B>,
    /// Answers 200 if the leaf can serve. `None` if the leaf does not know.
    pub(crate) readiness: Option<Endpoint<()>>,
    /// Asks the store whether it can be served from.
    pub(crate) trial: Trial,
    /// Asks for the object of readiness.
    pub(crate) readiness_trial: Option<Trial>,
}

/// The name of what a leaf serves.
pub(crate) struct Description {
    pub(crate) what: String,
    pub(crate) store: String,
}

/// The objects that a leaf shows.
pub(crate) struct Exposed {
    pub(crate) store: Store,
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.what, self.store)
    }
}
