use super::draft::{ProviderDraft, SsoDraft};
use super::redis_url::redis_url;
use super::variables::{allowed, list, needed, previous_cookie_secrets, secret};
use crate::settings::finder::Finder;
use crate::settings::given::Given;

/// What `OIDC_ISSUER` is read with.
pub(super) const OF_OIDC: [&str; 14] = [
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
    "TRUSTED_PROXIES",
    "VCAP_SERVICES",
];

/// Sign-in at an OpenID Connect provider.
pub(super) fn oidc(issuer: Given, finder: &mut Finder<'_>) -> Option<SsoDraft> {
    let client_id = needed("OIDC_CLIENT_ID", &issuer, finder);
    let client_secret = needed("OIDC_CLIENT_SECRET", &issuer, finder);
    let cookie_secret = needed("COOKIE_SECRET", &issuer, finder);
    let public_url = finder.variable("PUBLIC_URL");
    let trusted_proxies = list("TRUSTED_PROXIES", finder);
    if public_url.is_none() && trusted_proxies.is_none() {
        let problem =
            "needs PUBLIC_URL, the URL that browsers reach the program by, which is not set";
        let missing = issuer.wrong(problem);
        finder.problems.add(missing);
    }
    let scopes = finder.variable("OIDC_SCOPES");
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    let allowed = allowed(finder);
    let is_said = !allowed.is_empty();
    if !is_said {
        let problem = "needs ALLOWED_EMAILS, ALLOWED_DOMAINS or ALLOWED_GROUPS, or \
                       ALLOW_EVERYONE_SIGNED_IN=1 for all whom the provider knows";
        let missing = issuer.wrong(problem);
        finder.problems.add(missing);
    }
    let redis_url = redis_url(finder.environment);
    let redis_url = finder.problems.take(redis_url);
    is_said.then_some(SsoDraft {
        source: issuer.source.clone(),
        provider: ProviderDraft::Issuer(issuer),
        client_id: client_id?,
        client_secret: Some(secret(client_secret?)),
        scopes: scopes.map(|given| given.map(words)),
        insecure_http: None,
        public_url,
        trusted_proxies,
        cookie_secret: secret(cookie_secret?),
        is_derived: false,
        previous_cookie_secrets: previous_cookie_secrets(finder),
        allowed,
        lifetime_seconds: None,
        idle_seconds: None,
        same_site: None,
        redis_url: redis_url?,
        is_streaming_proxy: false,
        variables: OF_OIDC.map(str::to_owned).to_vec(),
    })
}
