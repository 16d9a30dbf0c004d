use portcullis::ConfigError;
use portcullis::aws::Credentials;
use portcullis::gate::AnyOf;
use portcullis::s3::Bucket;

use super::bucket::bucket;
use super::gate::gate;
use crate::environment::Environment;

/// The settings of the function.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) bucket: Bucket,
    pub(crate) credentials: Credentials,
    pub(crate) gate: AnyOf,
}

impl Settings {
    /// Reads the settings, and the file that they name.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the first variable that is wrong or missing.
    pub(crate) fn resolve(environment: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            bucket: bucket(environment)?,
            gate: gate(environment)?,
            credentials: credentials(environment)?,
        })
    }
}

/// The keys of the function's role, which Lambda puts into the environment, and which stay good as
/// long as it.
fn credentials(environment: &Environment) -> Result<Credentials, ConfigError> {
    const ID: &str = "AWS_ACCESS_KEY_ID";
    for name in [ID, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        environment.get(name)?;
    }
    // All of them are UTF-8: the loop above has seen to that.
    let value = |name| environment.get(name).ok().flatten().map(str::to_owned);
    Credentials::from_variables(value)?.ok_or_else(|| ConfigError::new(ID, "is not set"))
}
