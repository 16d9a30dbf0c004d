use std::sync::Arc;

use portcullis::aws::{AwsConfigCredentials, CredentialsProvider, RefreshingCredentials};

use crate::error_chain::chain;
use crate::given::{Environment, Given, SettingError, Source};
use crate::stderr::say;

/// The credentials that sign requests to AWS.
pub(crate) type Keys = Arc<dyn CredentialsProvider>;

/// Settings outside of a leaf's table that its judge needs.
pub(crate) struct Context<'a> {
    /// The setting that a missing one of the leaf is reported for.
    pub(crate) mount: &'a Source,
    pub(crate) credentials: &'a Result<Keys, SettingError>,
    /// The region by default.
    pub(crate) region: Option<&'a Given>,
    /// The file of certificate authorities by default.
    pub(crate) ca_bundle: Option<&'a Given>,
    pub(crate) environment: &'a Environment,
}

/// The credentials of a source of the SDK, which are kept, and whose failures are logged.
pub(crate) fn of_sdk(source: AwsConfigCredentials) -> Keys {
    let credentials = RefreshingCredentials::new(source);
    Arc::new(credentials.with_failure_observer(|error| {
        say(format_args!(
            "cannot get new AWS credentials: {}",
            chain(error)
        ));
    }))
}
