use super::document::Document;
use super::oidc::oidc;
use super::streaming_proxy::streaming_proxy;
use crate::given::{Finder, Given, SettingError, Source, asked};

/// Makes the gate of `OIDC_ISSUER` or `SSO_URL`, and the variables beside it.
pub(crate) fn of_variables(finder: &mut Finder<'_>) -> Option<Given<Document>> {
    let before = finder.asked.len();
    let issuer = finder.variable(OIDC_ISSUER);
    let sso_url = finder.variable(SSO_URL);
    let document = match (issuer, sso_url) {
        (Some(issuer), None) => oidc(issuer, finder),
        (None, Some(url)) => streaming_proxy(&url, finder),
        (Some(issuer), Some(url)) => {
            let both = SettingError::contradiction(&issuer.source, &url.source);
            finder.problems.add(both);
            None
        }
        (None, None) => None,
    };
    document.map(|mut document| {
        document.value.variables = finder.asked[before..].to_vec();
        document
    })
}

const OIDC_ISSUER: &str = "OIDC_ISSUER";
const SSO_URL: &str = "SSO_URL";

/// All variables of sign-in, including those that name a provider.
pub(crate) fn names() -> Vec<&'static str> {
    let provider = |name| Given {
        value: String::new(),
        source: Source::Environment(name),
    };
    asked(|finder| {
        of_variables(finder);
        oidc(provider(OIDC_ISSUER), finder);
        streaming_proxy(&provider(SSO_URL), finder)
    })
}
