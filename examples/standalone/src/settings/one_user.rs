use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::{ConfigError, Secret};

use super::access::basic_auth;
use super::draft::Login;
use super::error::SettingError;
use crate::mount::Method;

/// The one user of a mount.
pub(super) fn one_user(login: Login) -> Result<Method, SettingError> {
    // The library's words name the user, who is half of a secret here.
    let wrong = |_| SettingError::wrong(&login.source, login.rule);
    let who = format!("user {}", login.user);
    user(login.user, login.password)
        .map(|layer| Method::new(who, layer))
        .map_err(wrong)
}

fn user(name: String, password: Secret) -> Result<BasicAuthLayer, ConfigError> {
    if name.is_empty() {
        return Err(ConfigError::new("user", "is empty"));
    }
    basic_auth(FixedUsers::new([(name, password)])?)
}
