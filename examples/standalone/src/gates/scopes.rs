use portcullis::ConfigError;
use portcullis::gate::ScopePolicy;

use crate::given::{Given, OneOrMore, SettingError};

/// Requires all entries of the list, and any one of a nested list.
pub(super) fn policy(given: &Given<Vec<OneOrMore>>) -> Result<ScopePolicy, SettingError> {
    let wrong = |error: ConfigError| given.wrong(error.problem());
    let lists = given.value.iter().map(OneOrMore::as_slice);
    let mut lists = lists.map(ScopePolicy::any_of);
    let first = lists
        .next()
        .ok_or_else(|| given.wrong("names no scope: leave it out to accept any token"))?;
    let mut policy = first.map_err(wrong)?;
    for list in lists {
        policy = policy.and(list.map_err(wrong)?);
    }
    Ok(policy)
}
