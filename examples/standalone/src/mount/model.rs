use super::cors::Cors;
use super::headers::ResponseHeaders;
use crate::gates::{Gates, People};
use crate::leaf::Leaf;
use crate::mount_path::MountPath;

/// One of `[[mounts]]`, or the one that flags and variables make.
pub(crate) struct Mount {
    pub(crate) path: MountPath,
    pub(crate) gates: Gates,
    /// Canonical paths of the URL that are read without a login. `/*` at the end stands for a folder.
    pub(crate) public: Vec<String>,
    /// Headers of every response.
    pub(crate) headers: ResponseHeaders,
    /// The origins whose scripts may read.
    pub(crate) cors: Cors,
    /// Sign-in of people, if there is any.
    pub(crate) people: Option<People>,
    pub(crate) leaf: Leaf,
}

impl Mount {
    /// The path of the URL that readiness requests. It is public.
    pub(crate) fn health(&self) -> Option<String> {
        let below = self.leaf.health_path()?;
        Some(self.path.join(below))
    }
}
