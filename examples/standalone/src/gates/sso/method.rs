use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use portcullis::session::{CookieKeys, RedisSessions, SameSite};
use portcullis::sso::SsoLayer;
use portcullis::{ConfigError, Secret};

use super::allow_list::allow_list;
use super::document::Document;
use super::pages::as_the_streaming_proxy;
use super::place::Place;
use super::provider::{Urls, provider};
use super::secrets::Secrets;
use super::site::{Site, site};
use crate::gates::Context;
use crate::gates::access::{Method, REALM, SignIn};
use crate::gates::people::People;
use crate::given::{Given, Problems, SettingError, Source, choice};

/// The longest lifetime of a session: a year.
const MAX_SECONDS: u32 = 31_536_000;
/// More sign-ins than a network or a provider has.
const MAX_SIGN_INS: u32 = 1_000_000;

/// A secret of this many bytes cannot be guessed.
const LONG_SECRET: usize = 32;

/// Judges the sign-in of a mount.
pub(crate) fn judge(
    given: &Given<Document>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<SignIn> {
    let document = &given.value;
    let place = Place::of(context.mount?, document.profile);
    let mut warnings = Vec::new();
    let secrets = problems.take(Document::secrets(given, context.environment))?;
    let urls = problems.take(Urls::of(given))?;
    let provider = problems.take(provider(&urls, given, &secrets, &mut warnings));
    let proxies = context.trusted_proxies?.as_ref();
    let site = problems.take(site(given, proxies, &mut warnings));
    let keys = problems.take(cookie_keys(&secrets));
    warnings.extend(guessable(&secrets));
    let allowed = problems.take(allow_list(given));
    let redis = problems.take(secrets.redis_url.as_ref().map(redis).transpose());
    problems.warnings.append(&mut warnings);
    let Site { url, name } = site?;
    let (provider, keys, allowed, redis) = (provider?, keys?, allowed?, redis?);
    // A query may hold a key of the provider.
    let who = urls.name().value.split('?').next().unwrap_or_default();
    let layer = SsoLayer::new(REALM, provider.clone(), url, keys, allowed);
    // Nothing here reads other claims, and without Redis they are in the cookies.
    let layer = layer.map(|layer| layer.with_kept_claims([]));
    let layer = layer.map_err(|error| given.wrong(error));
    let layer = layer.and_then(|layer| named_and_limited(layer, given, &place));
    let mut layer = problems.take(layer)?;
    if let Some(redis) = &redis {
        layer = layer.with_session_store(redis.clone());
    }
    Some(SignIn {
        people: Some(People {
            redirect_uri: format!("{name}{}", place.callback),
            callback: place.callback,
            provider,
            redis,
            profile: document.profile,
        }),
        ..Method::new(format!("people of {who}"), layer).into()
    })
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

/// With a cookie, secrets can be guessed offline.
fn guessable(secrets: &Secrets) -> Option<String> {
    let secret = secrets.client.as_ref()?;
    let is_derived = secrets.is_derived && secret.value.expose().len() < LONG_SECRET;
    is_derived.then(|| {
        let source = &secret.source;
        format!("{source}: is short, and the key that seals cookies is derived from it: set COOKIE_SECRET")
    })
}

fn cookie_keys(secrets: &Secrets) -> Result<CookieKeys, SettingError> {
    let current = &secrets.cookie;
    let keys = CookieKeys::new(current.value.clone());
    let mut keys = keys.map_err(|error| current.wrong(error.problem()))?;
    for previous in &secrets.previous_cookie {
        let with_previous = keys.with_previous(previous.value.clone());
        keys = with_previous.map_err(|error| previous.wrong(error.problem()))?;
    }
    Ok(keys)
}

fn named_and_limited(
    layer: SsoLayer,
    given: &Given<Document>,
    place: &Place,
) -> Result<SsoLayer, SettingError> {
    let wrong = |error: ConfigError| given.wrong(error);
    if given.value.is_streaming_proxy() {
        return of_streaming_proxy(layer, place).map_err(wrong);
    }
    let named = layer.with_cookie_name(&place.cookie);
    let routed = named.and_then(|layer| layer.with_route_prefix(&place.routes));
    with_options(routed.map_err(wrong)?, &given.value)
}

/// The cookie, the routes and the pages of the OAuth streaming proxy.
fn of_streaming_proxy(layer: SsoLayer, place: &Place) -> Result<SsoLayer, ConfigError> {
    layer
        .with_insecure_unprefixed_cookie_name(&place.cookie)?
        .with_same_site(SameSite::None)?
        .with_route_prefix(&place.routes)?
        .with_callback_path(&place.callback)
        .map(|layer| layer.with_pages(as_the_streaming_proxy))
}

fn with_options(mut layer: SsoLayer, document: &Document) -> Result<SsoLayer, SettingError> {
    let same_site = document.same_site.as_ref();
    if let Some(given) = same_site {
        let choice = choice(same_site, ["lax", "none"], [SameSite::Lax, SameSite::None])?;
        let with_same_site = layer.with_same_site(choice);
        layer = with_same_site.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(given) = &document.lifetime_seconds {
        let with_lifetime = layer.with_lifetime(duration(given)?);
        layer = with_lifetime.map_err(|error| given.wrong(error.problem()))?;
    }
    if let Some(given) = &document.idle_lifetime_seconds {
        let with_idle = layer.with_idle_lifetime(duration(given)?);
        layer = with_idle.map_err(|error| given.wrong(error.problem()))?;
    }
    with_limits(layer, document)
}

fn with_limits(mut layer: SsoLayer, document: &Document) -> Result<SsoLayer, SettingError> {
    let number = |given: &Given<i64>| {
        let number = given.number(1..=MAX_SIGN_INS)?;
        NonZeroU32::new(number).ok_or_else(|| given.wrong("must not be 0"))
    };
    let size = |given: &Given<i64>| {
        let size = NonZeroUsize::try_from(number(given)?);
        size.map_err(|error| given.wrong(error))
    };
    if let Some(given) = &document.max_redemptions {
        layer = layer.with_max_redemptions(size(given)?);
    }
    if let Some(given) = &document.max_redemptions_per_network {
        layer = layer.with_max_redemptions_per_network(size(given)?);
    }
    if let Some(given) = &document.recorded_sign_ins_per_network {
        layer = layer.with_recorded_sign_ins_per_network(number(given)?);
    }
    Ok(layer)
}

fn duration(given: &Given<i64>) -> Result<Duration, SettingError> {
    let seconds = given.number(1..=MAX_SECONDS)?;
    Ok(Duration::from_secs(seconds.into()))
}
