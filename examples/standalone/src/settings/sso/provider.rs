use std::time::Duration;

use portcullis::sso::provider::{Endpoints, Provider};
use portcullis::{ConfigError, Secret};

use super::draft::{EndpointsDraft, ProviderDraft, SsoDraft};
use crate::settings::error::SettingError;
use crate::settings::given::Given;

/// The longest time without a look at whether a token is still good: a year.
const MAX_SECONDS: u32 = 31_536_000;

/// Who signs people in.
pub(super) fn provider(
    draft: &SsoDraft,
    warnings: &mut Vec<String>,
) -> Result<Provider, SettingError> {
    let id = &*draft.client_id.value;
    let secret = draft.client_secret.as_ref();
    let secret = secret.map(|given| given.value.clone());
    let provider = match &draft.provider {
        ProviderDraft::Issuer(issuer) => {
            let provider = discovered(issuer, id, secret, draft.insecure_http.is_some());
            provider.map_err(|error| of_client(draft, issuer, &error))?
        }
        ProviderDraft::Endpoints(urls) => {
            let endpoints = endpoints(urls, draft, warnings)?;
            let provider = Provider::oauth2(endpoints, id, secret);
            provider.map_err(|error| of_client(draft, &urls.authorize, &error))?
        }
    };
    let Some(scopes) = &draft.scopes else {
        return Ok(provider);
    };
    let provider = provider.with_scopes(&scopes.value);
    provider.map_err(|error| scopes.wrong(error.problem()))
}

fn discovered(
    issuer: &Given,
    id: &str,
    secret: Option<Secret>,
    insecure_http: bool,
) -> Result<Provider, ConfigError> {
    if insecure_http {
        Provider::insecure_discover_over_http(&issuer.value, id, secret)
    } else {
        Provider::discover(&issuer.value, id, secret)
    }
}

fn endpoints(
    urls: &EndpointsDraft,
    draft: &SsoDraft,
    warnings: &mut Vec<String>,
) -> Result<Endpoints, SettingError> {
    let (authorize, token) = (&*urls.authorize.value, &*urls.token.value);
    let mut endpoints = Endpoints::new(authorize, token);
    if endpoints.is_err() && draft.insecure_http.is_some() {
        endpoints = Endpoints::insecure_new_over_http(authorize, token);
        let both = [&urls.authorize, &urls.token];
        let by_http = both.iter().find(|url| url.value.starts_with("http:"));
        warnings.extend(by_http.map(|url| {
            let source = &url.source;
            format!("{source}: by http, whoever is on the way can read what the provider is sent")
        }));
    }
    let mut endpoints = endpoints.map_err(|error| match error.setting() {
        "token URL" => urls.token.wrong(error.problem()),
        _ => urls.authorize.wrong(error.problem()),
    })?;
    if let Some(user) = &urls.user {
        let with_user = endpoints.with_user_url(&user.value);
        endpoints = with_user.map_err(|error| user.wrong(error.problem()))?;
    }
    if let Some(given) = &urls.recheck_seconds {
        if urls.user.is_none() {
            return Err(given.wrong("needs user_url beside it"));
        }
        let seconds = given.number(0..=MAX_SECONDS)?;
        endpoints = endpoints.with_recheck_after(Duration::from_secs(seconds.into()));
    }
    if draft.is_streaming_proxy {
        // There it is a token that is let in, whosever it may be.
        endpoints = endpoints.without_user_at_sign_in();
    }
    Ok(endpoints)
}

/// What is wrong with the client, or else with the URL of the provider.
fn of_client(draft: &SsoDraft, url: &Given, error: &ConfigError) -> SettingError {
    match (error.setting(), &draft.client_secret) {
        ("client id", _) => draft.client_id.wrong(error.problem()),
        ("client secret", Some(given)) => given.wrong(error.problem()),
        _ => url.wrong(error.problem()),
    }
}
