use toml::Spanned;

use super::document::Sso;
use super::methods::{secret, switch};
use super::place::Text;
use crate::settings::environment::Environment;
use crate::settings::error::{SettingError, Source};
use crate::settings::given::Given;
use crate::settings::sso::{AllowedDraft, EndpointsDraft, ProviderDraft, SsoDraft};

/// The sign-in of `[mounts.sso]`. Its secrets come from the environment.
pub(super) fn sso(
    sso: Spanned<Sso>,
    text: &Text<'_>,
    environment: &Environment,
) -> Result<SsoDraft, SettingError> {
    let source = text.source("mounts.sso", &sso.span());
    let mut sso = sso.into_inner();
    let mut variables = Vec::new();
    let mut read = |given: Given| {
        let read = secret(&given, environment)?;
        variables.push(given.value);
        Ok::<_, SettingError>(read)
    };
    let setting = "mounts.sso.client_secret_env";
    let client_secret = text.option(setting, sso.client_secret_env.take());
    let client_secret = client_secret.map(&mut read).transpose()?;
    let setting = "mounts.sso.cookie_secret_env";
    let cookie_secret = read(text.given(setting, sso.cookie_secret_env.clone()))?;
    let setting = "mounts.sso.previous_cookie_secrets_env";
    let previous = text.option(setting, sso.previous_cookie_secrets_env.take());
    let previous_cookie_secrets = each(previous).map(&mut read);
    let previous_cookie_secrets = previous_cookie_secrets.collect::<Result<_, _>>()?;
    let redis_url = text.option("mounts.sso.redis_url_env", sso.redis_url_env.take());
    let redis_url = redis_url.map(&mut read).transpose()?;
    Ok(SsoDraft {
        provider: provider(&mut sso, &source, text)?,
        allowed: allowed(&mut sso, text),
        source,
        client_id: text.given("mounts.sso.client_id", sso.client_id),
        client_secret,
        scopes: text.option("mounts.sso.scopes", sso.scopes),
        insecure_http: switch("mounts.sso.insecure_http", sso.insecure_http, text),
        public_url: text.option("mounts.sso.public_url", sso.public_url),
        trusted_proxies: text.option("mounts.sso.trusted_proxies", sso.trusted_proxies),
        cookie_secret,
        is_derived: false,
        previous_cookie_secrets,
        lifetime_seconds: text.option("mounts.sso.lifetime_seconds", sso.lifetime_seconds),
        idle_seconds: text.option(
            "mounts.sso.idle_lifetime_seconds",
            sso.idle_lifetime_seconds,
        ),
        same_site: text.option("mounts.sso.same_site", sso.same_site),
        redis_url,
        is_streaming_proxy: false,
        variables,
    })
}

/// Either the issuer or the endpoints, and none of the other.
fn provider(
    sso: &mut Sso,
    source: &Source,
    text: &Text<'_>,
) -> Result<ProviderDraft, SettingError> {
    let issuer = text.option("mounts.sso.issuer", sso.issuer.take());
    let authorize = text.option("mounts.sso.authorize_url", sso.authorize_url.take());
    let token = text.option("mounts.sso.token_url", sso.token_url.take());
    let user = text.option("mounts.sso.user_url", sso.user_url.take());
    let recheck_seconds = text.option("mounts.sso.recheck_seconds", sso.recheck_seconds.take());
    if let Some(issuer) = issuer {
        let urls = [&authorize, &token, &user].into_iter().flatten();
        let recheck = recheck_seconds.iter().map(|given| &given.source);
        let mut of_endpoints = urls.map(|given| &given.source).chain(recheck);
        return match of_endpoints.next() {
            Some(other) => Err(SettingError::contradiction(&issuer.source, other)),
            None => Ok(ProviderDraft::Issuer(issuer)),
        };
    }
    let (Some(authorize), Some(token)) = (authorize, token) else {
        let problem = "needs issuer, or authorize_url and token_url";
        return Err(SettingError::wrong(source, problem));
    };
    Ok(ProviderDraft::Endpoints(EndpointsDraft {
        authorize,
        token,
        user,
        recheck_seconds,
    }))
}

fn allowed(sso: &mut Sso, text: &Text<'_>) -> AllowedDraft {
    let claim = text.option("mounts.sso.groups_claim", sso.groups_claim.take());
    AllowedDraft {
        emails: text.option("mounts.sso.allowed_emails", sso.allowed_emails.take()),
        domains: text.option("mounts.sso.allowed_domains", sso.allowed_domains.take()),
        groups: text.option("mounts.sso.allowed_groups", sso.allowed_groups.take()),
        groups_claim: claim.map(|given| given.map(Vec::from)),
        scopes: text.option("mounts.sso.allowed_scopes", sso.allowed_scopes.take()),
        unverified: switch(
            "mounts.sso.insecure_unverified_emails",
            sso.insecure_unverified_emails.take(),
            text,
        ),
        everyone: switch(
            "mounts.sso.allow_everyone_signed_in",
            sso.allow_everyone_signed_in.take(),
            text,
        ),
    }
}

/// A given list as that many given values.
fn each(given: Option<Given<Vec<String>>>) -> impl Iterator<Item = Given> {
    given.into_iter().flat_map(|Given { value, source }| {
        let each = move |value| Given {
            value,
            source: source.clone(),
        };
        value.into_iter().map(each)
    })
}
