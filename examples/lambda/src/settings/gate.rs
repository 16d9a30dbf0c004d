use portcullis::ConfigError;
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::{AnyOf, Authenticator, InsecureNoAuth};

use super::jwt::jwt;
use crate::environment::Environment;

/// The realm, which browsers show in their prompt.
const REALM: &str = "portcullis";
const INSECURE: &str = "PORTCULLIS_INSECURE_NO_AUTH";

/// The gate, which admits a request if one of its methods does.
pub(super) fn gate(environment: &Environment) -> Result<AnyOf, ConfigError> {
    let mut methods: Vec<Box<dyn Authenticator>> = Vec::new();
    if let Some(tokens) = jwt(environment, REALM)? {
        methods.push(Box::new(tokens));
    }
    // The table of users accepts credentials of any shape, so it must be last.
    if let Some(users) = basic_auth(environment)? {
        methods.push(Box::new(users));
    }
    let insecure = insecure(environment)?;
    if insecure && !methods.is_empty() {
        let problem = "contradicts BASIC_AUTH and REQUIRE, of which at least one is also set";
        return Err(ConfigError::new(INSECURE, problem));
    }
    if insecure {
        methods.push(Box::new(InsecureNoAuth::new()));
    }
    AnyOf::new(methods).map_err(|_| {
        let problem = "is not set, nor is REQUIRE: set one of them, or PORTCULLIS_INSECURE_NO_AUTH=1 to \
                       serve the bucket to everyone";
        ConfigError::new("BASIC_AUTH", problem)
    })
}

/// The one user, `user:password`.
fn basic_auth(environment: &Environment) -> Result<Option<BasicAuthLayer>, ConfigError> {
    const NAME: &str = "BASIC_AUTH";
    let Some(login) = environment.get(NAME)? else {
        return Ok(None);
    };
    // The library's message has the user, which is part of the secret if the colon is missing.
    let wrong = || {
        let rule = "must be user:password, neither of them empty, without control characters";
        ConfigError::new(NAME, rule)
    };
    let (user, password) = login.split_once(':').ok_or_else(wrong)?;
    if user.is_empty() {
        return Err(wrong());
    }
    let users = FixedUsers::new([(user, password)]).map_err(|_| wrong())?;
    BasicAuthLayer::new(REALM, users).map(Some)
}

/// Whether everyone who knows the URL may read the bucket.
fn insecure(environment: &Environment) -> Result<bool, ConfigError> {
    match environment.get(INSECURE)? {
        None => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(ConfigError::new(INSECURE, "must be 1, or unset")),
    }
}
