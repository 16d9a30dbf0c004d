use std::sync::Arc;

use portcullis::aws::{AwsConfigCredentials, Credentials};

use crate::given::{Environment, SettingError, Source};
use crate::leaf::{Keys, of_sdk};

/// The credentials that sign the requests of all mounts: the keys in the environment, otherwise the
/// default AWS credential chain.
pub(super) fn credentials(environment: &Environment) -> Result<Keys, SettingError> {
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        environment.get(name)?;
    }
    let found = Credentials::from_variables(|name| {
        // All of them are UTF-8: the loop above has checked that.
        let value = environment.get(name).ok().flatten();
        value.map(str::to_owned)
    });
    let found = found.map_err(|error| {
        SettingError::wrong(&Source::Environment(error.setting()), error.problem())
    })?;
    Ok(match found {
        Some(credentials) => Arc::new(credentials),
        None => of_sdk(AwsConfigCredentials::new()),
    })
}

/// Whether the keys come from the default AWS credential chain.
pub(super) fn are_of_sdk_chain(environment: &Environment) -> bool {
    !environment.has("AWS_ACCESS_KEY_ID")
}
