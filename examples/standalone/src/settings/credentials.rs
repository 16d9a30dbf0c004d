use std::sync::Arc;

use portcullis::aws::{AwsConfigCredentials, Credentials, RefreshingCredentials};

use super::environment::Environment;
use super::error::{SettingError, Source};
use crate::error_chain::chain;
use crate::mount::Keys;
use crate::stderr::say;

/// What the requests to S3 are signed with, of all mounts alike: the keys in the environment, or what
/// the SDKs' chain finds.
pub(super) fn credentials(environment: &Environment) -> Result<Keys, SettingError> {
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        environment.get(name)?;
    }
    let found = Credentials::from_variables(|name| {
        // All of them are UTF-8: the loop above has seen to that.
        let value = environment.get(name).ok().flatten();
        value.map(str::to_owned)
    });
    let found = found.map_err(|error| {
        SettingError::wrong(&Source::Environment(error.setting()), error.problem())
    })?;
    Ok(match found {
        Some(credentials) => Arc::new(credentials),
        None => Arc::new(sdk_chain()),
    })
}

fn sdk_chain() -> RefreshingCredentials<AwsConfigCredentials> {
    RefreshingCredentials::new(AwsConfigCredentials::new()).with_failure_observer(|error| {
        say(format_args!("cannot get new credentials: {}", chain(error)));
    })
}

/// Whether the keys are not in the environment.
pub(super) fn are_of_sdk_chain(environment: &Environment) -> bool {
    !environment.has("AWS_ACCESS_KEY_ID")
}
