use portcullis::aws::Credentials;

use super::environment::Environment;
use super::error::{SettingError, Source};

/// What the requests to S3 are signed with, of all mounts alike.
pub(super) fn credentials(environment: &Environment) -> Result<Credentials, SettingError> {
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
    found
        .map_err(|error| {
            SettingError::wrong(&Source::Environment(error.setting()), error.problem())
        })?
        .ok_or_else(|| {
            SettingError::missing(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set in the environment; profiles and \
                 instance roles are not read",
            )
        })
}
