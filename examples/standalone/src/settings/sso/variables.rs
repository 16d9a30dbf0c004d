use portcullis::Secret;

use super::draft::{AllowedDraft, SsoDraft};
use super::oidc_variables::oidc;
use super::streaming_proxy::streaming_proxy;
use crate::settings::error::{SettingError, Source};
use crate::settings::finder::Finder;
use crate::settings::given::Given;

/// The variables that mean nothing without one that names a provider.
pub(in crate::settings) const NAMES: [&str; 19] = [
    "ALLOWED_DOMAINS",
    "ALLOWED_EMAILS",
    "ALLOWED_GROUPS",
    "ALLOW_EVERYONE_SIGNED_IN",
    "COOKIE_SECRET",
    "COOKIE_SECRET_PREVIOUS",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_ISSUER",
    "OIDC_SCOPES",
    "PUBLIC_URL",
    "REDIS_ENDPOINT",
    "SSO_CLIENT_ID",
    "SSO_CLIENT_SECRET",
    "SSO_TOKEN_CHECK_GRACE_PERIOD",
    "SSO_URL",
    "SSO_URL_INTERNAL",
    "TRUSTED_PROXIES",
    "VCAP_SERVICES",
];

/// The gate that `OIDC_ISSUER` or `SSO_URL` makes, with the variables beside it.
pub(in crate::settings) fn sso_of_variables(finder: &mut Finder<'_>) -> Option<SsoDraft> {
    let issuer = finder.variable("OIDC_ISSUER");
    let sso_url = finder.variable("SSO_URL");
    match (issuer, sso_url) {
        (Some(issuer), None) => oidc(issuer, finder),
        (None, Some(url)) => streaming_proxy(url, finder),
        (Some(issuer), Some(url)) => {
            let both = SettingError::contradiction(&issuer.source, &url.source);
            finder.problems.add(both);
            None
        }
        (None, None) => None,
    }
}

/// A variable that `whose` cannot do without.
pub(super) fn needed(name: &'static str, whose: &Given, finder: &mut Finder<'_>) -> Option<Given> {
    let given = finder.variable(name);
    if given.is_none() {
        let missing = whose.wrong(format_args!("needs {name}, which is not set"));
        finder.problems.add(missing);
    }
    given
}

pub(super) fn secret(given: Given) -> Given<Secret> {
    given.map(Secret::new)
}

/// What stands between the commas.
pub(super) fn list(name: &'static str, finder: &mut Finder<'_>) -> Option<Given<Vec<String>>> {
    let given = finder.variable(name)?;
    Some(given.map(|text| {
        let items = text.split(',').map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    }))
}

pub(super) fn previous_cookie_secrets(finder: &mut Finder<'_>) -> Vec<Given<Secret>> {
    let previous = list("COOKIE_SECRET_PREVIOUS", finder);
    let Some(Given { value, source }) = previous else {
        return Vec::new();
    };
    let secrets = value.into_iter().map(|secret| Given {
        value: Secret::new(secret),
        source: source.clone(),
    });
    secrets.collect()
}

pub(super) fn allowed(finder: &mut Finder<'_>) -> AllowedDraft {
    AllowedDraft {
        emails: list("ALLOWED_EMAILS", finder),
        domains: list("ALLOWED_DOMAINS", finder),
        groups: list("ALLOWED_GROUPS", finder),
        groups_claim: None,
        scopes: None,
        unverified: None,
        everyone: everyone(finder),
    }
}

fn everyone(finder: &mut Finder<'_>) -> Option<Source> {
    let given = finder.variable("ALLOW_EVERYONE_SIGNED_IN")?;
    match &*given.value {
        "1" | "true" => Some(given.source),
        "0" | "false" => None,
        other => {
            let problem = format_args!("{other:?} is neither 1 nor 0");
            let wrong = given.wrong(problem);
            finder.problems.add(wrong);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::oidc_variables::OF_OIDC;
    use super::super::streaming_proxy::OF_STREAMING_PROXY;
    use super::NAMES;

    #[test]
    fn each_name_is_of_a_profile_or_of_both() {
        let mut names: Vec<_> = OF_OIDC.into_iter().chain(OF_STREAMING_PROXY).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, NAMES);
    }
}
