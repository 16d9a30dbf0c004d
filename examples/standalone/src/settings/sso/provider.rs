use std::time::Duration;

use portcullis::ConfigError;
use portcullis::sso::provider::{Endpoints, Provider};

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
            if issuer.value.contains("/.well-known/") {
                let problem = "is the URL of a document: the issuer ends before /.well-known/";
                return Err(issuer.wrong(problem));
            }
            let mut provider = Provider::discover(&issuer.value, id, secret.clone());
            if provider.is_err() && draft.insecure_http.is_some() {
                provider = Provider::insecure_discover_over_http(&issuer.value, id, secret);
                warnings.extend(by_http([issuer]));
            }
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

/// Of the first that is one of `http`.
fn by_http<'a>(urls: impl IntoIterator<Item = &'a Given>) -> Option<String> {
    let mut urls = urls.into_iter();
    let url = urls.find(|url| url.value.starts_with("http:"))?;
    let source = &url.source;
    Some(format!(
        "{source}: by http, whoever is on the way can read what the provider is sent"
    ))
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
        warnings.extend(by_http([&urls.authorize, &urls.token]));
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
        endpoints = endpoints.with_recheck_interval(Duration::from_secs(seconds.into()));
    }
    if draft.is_streaming_proxy {
        // There it is a token that is let in, whosever it may be.
        endpoints = endpoints.with_user_url_for_rechecks_only();
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
