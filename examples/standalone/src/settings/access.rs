use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::PasswordVerifier;
use portcullis::{ConfigError, Secret};

use super::draft::{Login, MountDraft};
use super::error::SettingError;
use super::htpasswd::users_of_file;
use crate::mount::{Access, Method};

/// What browsers show in their prompt.
const REALM: &str = "portcullis";

/// Who may read a mount. To leave out a gate that was asked for would be worse than to say so, and of
/// two tables of users nobody could tell which one admits.
pub(super) fn access(draft: MountDraft) -> Result<Access, SettingError> {
    let missing = missing_gate(&draft);
    let MountDraft {
        login,
        htpasswd_file,
        insecure_no_auth,
        ..
    } = draft;
    let login_source = login.as_ref().map(|login| &login.source);
    let file_source = htpasswd_file.as_ref().map(|file| &file.source);
    if let (Some(insecure), Some(other)) = (&insecure_no_auth, login_source.or(file_source)) {
        return Err(SettingError::contradiction(insecure, other));
    }
    if let (Some(login), Some(file)) = (login_source, file_source) {
        return Err(SettingError::contradiction(file, login));
    }
    let method = match (login, htpasswd_file) {
        (Some(login), _) => one_user(login)?,
        (None, Some(file)) => users_of_file(&file)?,
        (None, None) if insecure_no_auth.is_some() => return Ok(Access::InsecureEveryone),
        (None, None) => return Err(missing),
    };
    Ok(Access::AnyOf(vec![method]))
}

fn one_user(login: Login) -> Result<Method, SettingError> {
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

/// The gate of a table of users.
pub(crate) fn basic_auth(users: impl PasswordVerifier) -> Result<BasicAuthLayer, ConfigError> {
    BasicAuthLayer::new(REALM, users)
}

fn missing_gate(draft: &MountDraft) -> SettingError {
    if draft.is_of_file() {
        let problem = "has no gate: add [mounts.basic], or insecure_no_auth = true";
        return draft.path.wrong(problem);
    }
    SettingError::missing(
        "BASIC_AUTH is not set in the environment, nor HTPASSWD_FILE, and a bucket without a login is \
         served only with --insecure-no-auth",
    )
}
