use std::fs;

use portcullis::HtpasswdUsers;
use portcullis::basic_auth::BasicAuthLayer;
use portcullis::htpasswd::{CheckPool, HtpasswdError, HtpasswdTable};

use super::access::{Method, REALM};
use super::scopes::policy;
use crate::error_chain::chain;
use crate::given::{Given, OneOrMore, SettingError};
use crate::stderr::say;

/// The users of a file, which is read again when it changes.
pub(super) fn users_of_file(
    file: &Given,
    groups: Option<&Given>,
    require: Option<&Given<Vec<OneOrMore>>>,
    pool: CheckPool,
) -> Result<Method, SettingError> {
    let path = &file.value;
    let contents = fs::read(path).map_err(|error| file.wrong(format_args!("{path}: {error}")))?;
    let wrong = |error: HtpasswdError| file.wrong(format_args!("{path}: {}", chain(&error)));
    let number = HtpasswdTable::parse(&contents).map_err(wrong)?.len();
    let mut users = HtpasswdUsers::from_file(path).map_err(wrong)?;
    if let Some(groups) = groups {
        let path = &groups.value;
        let with_groups = users.with_group_file(path);
        users =
            with_groups.map_err(|error| groups.wrong(format_args!("{path}: {}", chain(&error))))?;
    }
    let users = users.with_pool(pool);
    let users = users.with_reload_observer(report(path.clone()));
    let layer = BasicAuthLayer::new(REALM, users);
    let mut layer = layer.map_err(|error| file.wrong(error))?;
    if let Some(require) = require {
        layer = layer.with_required_scopes(policy(require)?);
    }
    Ok(Method::new(format!("{number} users of {path}"), layer))
}

fn report(path: String) -> impl Fn(Result<&HtpasswdTable, &HtpasswdError>) {
    move |read| match read {
        Ok(table) => say(format_args!("{path} was reloaded: {} users", table.len())),
        Err(error) => {
            let problem = chain(error);
            say(format_args!(
                "{path} cannot be reloaded, so the previous users remain: {problem}"
            ));
        }
    }
}
