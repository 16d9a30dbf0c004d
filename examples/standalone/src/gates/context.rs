use portcullis::client_address::TrustedProxies;
use portcullis::htpasswd::CheckPool;

use crate::given::Environment;
use crate::mount_path::MountPath;

/// Settings outside of a gate's table that its judge needs.
pub(crate) struct Context<'a> {
    /// The path of the mount, unless it is wrong, which is reported once.
    pub(crate) mount: Option<&'a MountPath>,
    pub(crate) environment: &'a Environment,
    /// The proxies in front of the program, unless they are wrong, which is reported once.
    pub(crate) trusted_proxies: Option<&'a Option<TrustedProxies>>,
    /// The threads that check passwords, for all mounts.
    pub(crate) check_pool: &'a CheckPool,
}
