use std::sync::Arc;

use portcullis::aws::CredentialsProvider;

use crate::given::{Given, SettingError, Source};

/// The credentials that sign requests to AWS.
pub(crate) type Keys = Arc<dyn CredentialsProvider>;

/// Settings outside of a leaf's table that its judge needs.
pub(crate) struct Context<'a> {
    /// The setting that a missing one of the leaf is reported for.
    pub(crate) mount: &'a Source,
    pub(crate) credentials: &'a Result<Keys, SettingError>,
    /// The region by default.
    pub(crate) region: Option<&'a Given>,
}
