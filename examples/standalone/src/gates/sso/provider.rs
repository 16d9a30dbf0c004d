use std::iter;
use std::time::Duration;

use portcullis::sso::provider::{Endpoints, Provider, ProviderUrl};
use portcullis::{ConfigError, Secret};

use super::document::Document;
use super::secrets::Secrets;
use crate::given::{Given, SettingError, choice};

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
    /// The issuer, or the endpoints without one.
    pub(super) fn of(given: &'a Given<Document>) -> Result<Self, SettingError> {
        let document = &given.value;
        let (authorize, token) = (&document.authorize_url, &document.token_url);
        if let Some(issuer) = &document.issuer {
            return match &document.recheck_seconds {
                Some(recheck) => Err(SettingError::contradiction(&issuer.source, &recheck.source)),
                None => Ok(Self::Issuer(issuer)),
            };
        }
        if let Some(url) = document
            .metadata_url
            .as_ref()
            .or(document.jwks_url.as_ref())
        {
            return Err(url.wrong("needs issuer"));
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
            openid(issuer, document, id, secret.as_ref(), warnings)
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
        (setting, _) => {
            let mut beside = beside_issuer(document);
            let url = beside.find(|&(_, name, _)| name == setting);
            url.map_or(urls.name(), |(.., given)| given)
                .wrong(error.problem())
        }
    })?;
    requesting(provider, document)
}

/// The provider with what its requests have: the place of the secret, the scopes, further parameters.
fn requesting(mut provider: Provider, document: &Document) -> Result<Provider, SettingError> {
    if let Some(method) = &document.token_endpoint_auth_method {
        let words = ["client_secret_basic", "client_secret_post"];
        let ways: [fn(Provider) -> Provider; 2] = [
            Provider::with_client_secret_basic,
            Provider::with_client_secret_post,
        ];
        provider = choice(Some(method), words, ways)?(provider);
    }
    if let Some(scopes) = &document.scopes {
        let with_scopes = provider.with_scopes(&scopes.value);
        provider = with_scopes.map_err(|error| scopes.wrong(error.problem()))?;
    }
    for given in &document.authorize_parameters {
        let pair = given.value.split_once('=');
        let pair = pair.ok_or_else(|| given.wrong("must be name=value, such as prompt=login"))?;
        let with_parameter = provider.with_authorization_parameters([pair]);
        provider = with_parameter.map_err(|error| given.wrong(error.problem()))?;
    }
    Ok(provider)
}

/// The URLs that may stand beside an issuer, each with the name that the library has for it.
fn beside_issuer(document: &Document) -> impl Iterator<Item = (ProviderUrl, &'static str, &Given)> {
    let urls = [
        (
            ProviderUrl::Metadata,
            "metadata URL",
            &document.metadata_url,
        ),
        (
            ProviderUrl::Authorization,
            "authorize URL",
            &document.authorize_url,
        ),
        (ProviderUrl::Token, "token URL", &document.token_url),
        (ProviderUrl::User, "user URL", &document.user_url),
        (ProviderUrl::Keys, "key set URL", &document.jwks_url),
    ];
    let urls = urls.into_iter();
    urls.filter_map(|(which, name, url)| Some((which, name, url.as_ref()?)))
}

fn openid(
    issuer: &Given,
    document: &Document,
    id: &str,
    secret: Option<&Secret>,
    warnings: &mut Vec<String>,
) -> Result<Provider, ConfigError> {
    let with_urls = |provider: Provider| {
        beside_issuer(document).try_fold(provider, |provider, (which, _, url)| {
            provider.with_url(which, &url.value)
        })
    };
    let secret = || secret.cloned();
    let provider = Provider::discover(&issuer.value, id, secret()).and_then(with_urls);
    if provider.is_ok() || !document.insecure_http.is_on() {
        return provider;
    }
    let urls = beside_issuer(document).map(|(.., url)| url);
    warnings.extend(by_http(iter::once(issuer).chain(urls)));
    Provider::insecure_discover_over_http(&issuer.value, id, secret()).and_then(with_urls)
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
