use portcullis::ConfigError;
use portcullis::gate::ScopePolicy;

use super::error::SettingError;
use super::given::Given;

/// All of the lists, and of each any one.
pub(super) fn policy(given: &Given<Vec<Vec<String>>>) -> Result<ScopePolicy, SettingError> {
    let wrong = |error: ConfigError| given.wrong(error.problem());
    let mut lists = given.value.iter().map(ScopePolicy::any_of);
    let first = lists
        .next()
        .ok_or_else(|| given.wrong("names no scope: without it, any token will do"))?;
    let mut policy = first.map_err(wrong)?;
    for list in lists {
        policy = policy.and(list.map_err(wrong)?);
    }
    Ok(policy)
}
