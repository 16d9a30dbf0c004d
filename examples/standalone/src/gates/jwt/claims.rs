use portcullis::ConfigError;
use portcullis::jwt::{ClaimPath, ClaimPolicy};

use super::document::RequiredClaim;
use crate::given::{Given, OneOrMore, SettingError};

/// The policy that requires every one of these; `None` if there are none.
pub(super) fn policy(
    required: &[Given<RequiredClaim>],
) -> Result<Option<ClaimPolicy>, SettingError> {
    let mut policies = required.iter().map(one);
    let Some(first) = policies.next() else {
        return Ok(None);
    };
    policies
        .try_fold(first?, |all, next| Ok(all.and(next?)))
        .map(Some)
}

fn one(required: &Given<RequiredClaim>) -> Result<ClaimPolicy, SettingError> {
    let RequiredClaim {
        claim,
        equals,
        begins_with,
    } = &required.value;
    let claim = claim
        .as_ref()
        .ok_or_else(|| required.wrong("needs claim"))?;
    let path = ClaimPath::new(claim.value.as_slice());
    let path = path.map_err(|error: ConfigError| claim.wrong(error.problem()))?;
    let mut alternatives = Vec::new();
    if let Some(given) = equals {
        let values = given.value.as_slice().iter().map(String::as_str);
        let policy = ClaimPolicy::one_of(path.clone(), values);
        alternatives.push(policy.map_err(|error| given.wrong(error.problem()))?);
    }
    for (given, prefix) in prefixes(begins_with.as_ref()) {
        let policy = ClaimPolicy::begins_with(path.clone(), prefix);
        alternatives.push(policy.map_err(|error| given.wrong(error.problem()))?);
    }
    let any = alternatives.into_iter().reduce(ClaimPolicy::or);
    any.ok_or_else(|| required.wrong("needs equals or begins_with"))
}

fn prefixes(given: Option<&Given<OneOrMore>>) -> impl Iterator<Item = (&Given<OneOrMore>, &str)> {
    given.into_iter().flat_map(|given| {
        let prefixes = given.value.as_slice().iter();
        prefixes.map(move |prefix| (given, prefix.as_str()))
    })
}
