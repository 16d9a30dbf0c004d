use std::time::Duration;

use portcullis::session::{CookieKeys, RedisSessions, SameSite};
use portcullis::sso::SsoLayer;
use portcullis::{ConfigError, Secret};

use super::allow_list::allow_list;
use super::draft::{ProviderDraft, SsoDraft};
use super::place::Place;
use super::provider::provider;
use super::site::{Site, site};
use crate::mount::{Method, MountPath, People};
use crate::settings::access::REALM;
use crate::settings::error::{SettingError, Source};
use crate::settings::given::Given;
use crate::settings::options::choice;
use crate::settings::problems::Problems;
use crate::stack::as_the_streaming_proxy;

/// The longest lifetime of a session: a year.
const MAX_SECONDS: u32 = 31_536_000;

/// A secret of so many bytes is not guessed.
const LONG_SECRET: usize = 32;

/// A method that admits people who sign in, and what goes with it.
pub(in crate::settings) struct SsoMethod {
    pub(in crate::settings) method: Method,
    pub(in crate::settings) people: People,
}

/// Judges the sign-in of the mount at `mount`, and names all that is wrong with it.
pub(in crate::settings) fn sso(
    draft: &SsoDraft,
    mount: &MountPath,
    problems: &mut Problems,
) -> Option<SsoMethod> {
    let place = Place::of(mount, draft.is_streaming_proxy);
    let mut warnings = Vec::new();
    let provider = problems.take(provider(draft, &mut warnings));
    let site = problems.take(site(draft, &mut warnings));
    let keys = problems.take(cookie_keys(draft));
    warnings.extend(guessable(draft));
    let allowed = problems.take(allow_list(draft));
    let redis = problems.take(draft.redis_url.as_ref().map(redis).transpose());
    let Site { url, proxies, name } = site?;
    let (provider, keys, allowed, redis) = (provider?, keys?, allowed?, redis?);
    let layer = SsoLayer::new(REALM, provider, url, keys, allowed);
    let layer = layer.map_err(|error| SettingError::wrong(&draft.source, error));
    let layer = layer.and_then(|layer| named_and_limited(layer, draft, &place));
    let mut layer = problems.take(layer)?;
    if let Some(proxies) = proxies {
        layer = layer.with_trusted_proxies(proxies);
    }
    if let Some(redis) = &redis {
        layer = layer.with_session_store(redis.clone());
    }
    Some(SsoMethod {
        method: Method::new(who(draft), layer),
        people: People {
            redirect_uri: format!("{name}{}", place.callback),
            callback: place.callback,
            redis,
            warnings,
            is_streaming_proxy: draft.is_streaming_proxy,
        },
    })
}

/// In words, for `portcullis check`.
fn who(draft: &SsoDraft) -> String {
    let provider = match &draft.provider {
        ProviderDraft::Issuer(issuer) => issuer,
        ProviderDraft::Endpoints(urls) => &urls.authorize,
    };
    format!("people of {}", provider.value)
}

fn redis(url: &Given<Secret>) -> Result<RedisSessions, SettingError> {
    let redis = RedisSessions::new(url.value.clone());
    redis.map_err(|error| match url.source {
        Source::Environment("VCAP_SERVICES") => {
            let problem = error.problem();
            url.wrong(format_args!("its `credentials.uri` of `redis` {problem}"))
        }
        _ => url.wrong(error.problem()),
    })
}

/// Whoever has a cookie can try secrets, as long as it takes.
fn guessable(draft: &SsoDraft) -> Option<String> {
    let secret = draft.client_secret.as_ref()?;
    let is_derived = draft.is_derived && secret.value.expose().len() < LONG_SECRET;
    is_derived.then(|| {
        let source = &secret.source;
        format!("{source}: is short, and cookies are sealed by a key made of it: set COOKIE_SECRET")
    })
}

fn cookie_keys(draft: &SsoDraft) -> Result<CookieKeys, SettingError> {
    let current = &draft.cookie_secret;
    let keys = CookieKeys::new(current.value.clone());
    let mut keys = keys.map_err(|error| current.wrong(error.problem()))?;
    for previous in &draft.previous_cookie_secrets {
        let with_previous = keys.with_previous(previous.value.clone());
        keys = with_previous.map_err(|error| previous.wrong(error.problem()))?;
    }
    Ok(keys)
}

fn named_and_limited(
    layer: SsoLayer,
    draft: &SsoDraft,
    place: &Place,
) -> Result<SsoLayer, SettingError> {
    let wrong = |error: ConfigError| SettingError::wrong(&draft.source, error);
    if draft.is_streaming_proxy {
        return of_streaming_proxy(layer, place).map_err(wrong);
    }
    let named = layer.with_cookie_name(&place.cookie);
    let routed = named.and_then(|layer| layer.with_route_prefix(&place.routes));
    with_options(routed.map_err(wrong)?, draft)
}

/// What the names and answers of the other system need.
fn of_streaming_proxy(layer: SsoLayer, place: &Place) -> Result<SsoLayer, ConfigError> {
    layer
        .with_insecure_unprefixed_cookie_name(&place.cookie)?
        .with_same_site(SameSite::None)?
        .with_route_prefix(&place.routes)?
        .with_callback_path(&place.callback)
        .map(|layer| layer.with_pages(as_the_streaming_proxy))
}

fn with_options(mut layer: SsoLayer, draft: &SsoDraft) -> Result<SsoLayer, SettingError> {
    let same_site = draft.same_site.as_ref();
    if let Some(given) = same_site {
        let choice = choice(same_site, ["lax", "none"], [SameSite::Lax, SameSite::None])?;
        let with_same_site = layer.with_same_site(choice);
        layer = with_same_site.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(given) = &draft.lifetime_seconds {
        let with_lifetime = layer.with_lifetime(duration(given)?);
        layer = with_lifetime.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(given) = &draft.idle_seconds {
        let with_idle = layer.with_idle_lifetime(duration(given)?);
        layer = with_idle.map_err(|error| given.wrong(error.problem()))?;
    }
    Ok(layer)
}

fn duration(given: &Given<i64>) -> Result<Duration, SettingError> {
    let seconds = given.number(1..=MAX_SECONDS)?;
    Ok(Duration::from_secs(seconds.into()))
}
