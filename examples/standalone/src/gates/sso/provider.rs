use std::time::Duration;

use portcullis::sso::provider::{Endpoints, Provider};

use super::document::Document;
use super::secrets::Secrets;
use crate::given::{Given, SettingError};

/// The longest time after which a token is checked again: a year.
const MAX_SECONDS: u32 = 31_536_000;

/// The URLs of the provider.
pub(super) enum Urls<'a> {
    /// OpenID Connect.
    Issuer(&'a Given),
    /// Plain OAuth 2.0.
    Endpoints {
        authorize: &'a Given,
        token: &'a Given,
    },
}

impl<'a> Urls<'a> {
    /// Either the issuer or the endpoints, but not both.
    pub(super) fn of(given: &'a Given<Document>) -> Result<Self, SettingError> {
        let document = &given.value;
        let (authorize, token) = (&document.authorize_url, &document.token_url);
        if let Some(issuer) = &document.issuer {
            let urls = [authorize, token, &document.user_url];
            let urls = urls.into_iter().flatten().map(|given| &given.source);
            let recheck = document.recheck_seconds.iter().map(|given| &given.source);
            return match urls.chain(recheck).next() {
                Some(other) => Err(SettingError::contradiction(&issuer.source, other)),
                None => Ok(Self::Issuer(issuer)),
            };
        }
        let (Some(authorize), Some(token)) = (authorize, token) else {
            return Err(given.wrong("needs issuer, or authorize_url and token_url"));
        };
        Ok(Self::Endpoints { authorize, token })
    }

    /// The URL by which `portcullis check` names the provider.
    pub(super) fn name(&self) -> &'a Given {
        match self {
            Self::Issuer(issuer) => issuer,
            Self::Endpoints { authorize, .. } => authorize,
        }
    }
}

/// The provider that signs people in.
pub(super) fn provider(
    urls: &Urls<'_>,
    given: &Given<Document>,
    secrets: &Secrets,
    warnings: &mut Vec<String>,
) -> Result<Provider, SettingError> {
    let document = &given.value;
    let client_id = document.client_id.as_ref();
    let client_id = client_id.ok_or_else(|| given.wrong("needs client_id"))?;
    let id = &*client_id.value;
    let secret = secrets.client.as_ref().map(|given| given.value.clone());
    let provider = match urls {
        Urls::Issuer(issuer) => {
            if issuer.value.contains("/.well-known/") {
                let problem = "is the URL of a document: the issuer ends before /.well-known/";
                return Err(issuer.wrong(problem));
            }
            let mut provider = Provider::discover(&issuer.value, id, secret.clone());
            if provider.is_err() && document.insecure_http.is_on() {
                provider = Provider::insecure_discover_over_http(&issuer.value, id, secret);
                warnings.extend(by_http([*issuer]));
            }
            provider
        }
        Urls::Endpoints { authorize, token } => {
            let endpoints = endpoints(authorize, token, document, warnings)?;
            Provider::oauth2(endpoints, id, secret)
        }
    };
    // The setting that is wrong: of the client, otherwise the URL of the provider.
    let provider = provider.map_err(|error| match (error.setting(), &secrets.client) {
        ("client id", _) => client_id.wrong(error.problem()),
        ("client secret", Some(given)) => given.wrong(error.problem()),
        _ => urls.name().wrong(error.problem()),
    })?;
    let Some(scopes) = &document.scopes else {
        return Ok(provider);
    };
    let provider = provider.with_scopes(&scopes.value);
    provider.map_err(|error| scopes.wrong(error.problem()))
}

/// A warning about the first URL with `http`.
fn by_http<'a>(urls: impl IntoIterator<Item = &'a Given>) -> Option<String> {
    let mut urls = urls.into_iter();
    let url = urls.find(|url| url.value.starts_with("http:"))?;
    let source = &url.source;
    Some(format!(
        "{source}: uses http, so others on the network can read what is sent to the provider"
    ))
}

fn endpoints(
    authorize: &Given,
    token: &Given,
    document: &Document,
    warnings: &mut Vec<String>,
) -> Result<Endpoints, SettingError> {
    let mut endpoints = Endpoints::new(&authorize.value, &token.value);
    if endpoints.is_err() && document.insecure_http.is_on() {
        endpoints = Endpoints::insecure_new_over_http(&authorize.value, &token.value);
        warnings.extend(by_http([authorize, token]));
    }
    let mut endpoints = endpoints.map_err(|error| match error.setting() {
        "token URL" => token.wrong(error.problem()),
        _ => authorize.wrong(error.problem()),
    })?;
    if let Some(user) = &document.user_url {
        let with_user = endpoints.with_user_url(&user.value);
        endpoints = with_user.map_err(|error| user.wrong(error.problem()))?;
    }
    if let Some(given) = &document.recheck_seconds {
        if document.user_url.is_none() {
            return Err(given.wrong("needs user_url"));
        }
        let seconds = given.number(0..=MAX_SECONDS)?;
        endpoints = endpoints.with_recheck_interval(Duration::from_secs(seconds.into()));
    }
    if document.is_streaming_proxy() {
        // That proxy admits every valid token, without looking up its user.
        endpoints = endpoints.with_user_url_for_rechecks_only();
    }
    Ok(endpoints)
}
