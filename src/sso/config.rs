use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::request::Parts;

use super::allow_list::AllowList;
use super::answer::Failure;
use super::flights::SharedCalls;
use super::origin::{Origin, PublicUrl};
use super::page::Pages;
use super::provider::Provider;
use super::redemptions::Redemptions;
use super::return_path::ReturnPath;
use super::routes::{DEFAULT_PREFIX, Routes};
use super::start_budget::StartBudget;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::gate::Challenge;
use crate::jwt::{ClaimPath, ClaimSet};
use crate::secret::Secret;
use crate::session::{CookieKeys, LoginCookie, SameSite, Sealer, SessionCookie, SessionStore};

const DEFAULT_COOKIE: &str = "portcullis";

/// A working day.
const DEFAULT_LIFETIME: Duration = Duration::from_hours(9);

/// The longest that browsers keep a cookie (RFC 6265bis section 5.5).
const MAX_LIFETIME: Duration = Duration::from_hours(400 * 24);

/// Enough for a page with thirty images in ten tabs.
const DEFAULT_STARTS: NonZeroU32 = NonZeroU32::new(300).unwrap();

/// Each holds a connection to the provider, most for less than a second.
const DEFAULT_REDEMPTIONS: NonZeroUsize = NonZeroUsize::new(256).unwrap();
const DEFAULT_REDEMPTIONS_PER_NETWORK: NonZeroUsize = NonZeroUsize::new(32).unwrap();

/// The configuration and shared state of the sign-in at one mount.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) challenge: Challenge,
    pub(super) provider: Provider,
    pub(super) public_url: PublicUrl,
    pub(super) allowed: AllowList,
    route_prefix: String,
    callback_path: Option<String>,
    pub(super) routes: Routes,
    cookie_name: String,
    /// Whether the name is used without `__Host-`.
    is_unprefixed_cookie: bool,
    same_site: SameSite,
    pub(super) cookie: SessionCookie,
    pub(super) login_cookie: LoginCookie,
    pub(super) session_sealer: Sealer,
    pub(super) state_sealer: Sealer,
    /// Bound to each sealed value, so that it opens at this mount only.
    pub(super) binding: Vec<u8>,
    pub(super) store: Option<Arc<dyn SessionStore>>,
    pub(super) calls: SharedCalls,
    /// Counted from the sign-in.
    pub(super) lifetime: Duration,
    /// Counted from the last request. `None`: no limit.
    pub(super) idle_lifetime: Option<Duration>,
    /// The claims that a session keeps beside those of the allow-list. `None`: all.
    pub(super) kept_claims: Option<Arc<[ClaimPath]>>,
    pub(super) pages: Pages,
    pub(super) has_post_logout_redirect: bool,
    pub(super) starts: Arc<StartBudget>,
    pub(super) redemptions: Redemptions,
    pub(super) clock: Arc<dyn Clock>,
}

impl Config {
    /// The ID token, if the provider has a use for it at the sign-out. It is the largest part of a session.
    pub(super) async fn hint(&self, id_token: Option<Secret>) -> Option<Secret> {
        let id_token = id_token?;
        self.provider.has_end_session().await.then_some(id_token)
    }

    pub(super) fn new(
        realm: String,
        provider: Provider,
        public_url: PublicUrl,
        keys: &CookieKeys,
        allowed: AllowList,
    ) -> Result<Self, ConfigError> {
        if allowed.is_empty() {
            let problem = "is empty; use `AllowList::everyone` to allow every account";
            return Err(ConfigError::new("allow-list", problem));
        }
        let wanted = allowed.group_claims().cloned();
        let provider = wanted.fold(provider, Provider::with_wanted_claim);
        let is_https = public_url.is_https();
        let cookie = SessionCookie::new(DEFAULT_COOKIE, SameSite::Lax, is_https)?;
        Ok(Self {
            challenge: Challenge::new("Cookie")?.with_param("realm", realm)?,
            binding: binding(&cookie, &provider),
            provider,
            public_url,
            allowed,
            route_prefix: DEFAULT_PREFIX.to_owned(),
            callback_path: None,
            routes: Routes::new(DEFAULT_PREFIX, None)?,
            cookie_name: DEFAULT_COOKIE.to_owned(),
            is_unprefixed_cookie: false,
            same_site: SameSite::Lax,
            cookie,
            login_cookie: LoginCookie::new(SameSite::Lax, is_https),
            session_sealer: keys.sealer("session"),
            state_sealer: keys.sealer("state"),
            store: None,
            calls: SharedCalls::default(),
            lifetime: DEFAULT_LIFETIME,
            idle_lifetime: None,
            kept_claims: None,
            pages: Pages::default(),
            has_post_logout_redirect: false,
            starts: Arc::new(StartBudget::new(DEFAULT_STARTS)),
            redemptions: Redemptions::new(DEFAULT_REDEMPTIONS, DEFAULT_REDEMPTIONS_PER_NETWORK),
            clock: Arc::new(SystemClock),
        })
    }

    pub(super) fn set_cookie(
        &mut self,
        name: Option<&str>,
        same_site: Option<SameSite>,
    ) -> Result<(), ConfigError> {
        let name = name.unwrap_or(&self.cookie_name);
        let same_site = same_site.unwrap_or(self.same_site);
        let is_https = self.public_url.is_https();
        let prefixed = is_https.filter(|_| !self.is_unprefixed_cookie);
        self.cookie = SessionCookie::new(name, same_site, prefixed)?;
        self.login_cookie = LoginCookie::new(same_site, is_https);
        self.binding = binding(&self.cookie, &self.provider);
        self.cookie_name = name.to_owned();
        self.same_site = same_site;
        Ok(())
    }

    pub(super) fn set_unprefixed_cookie(&mut self, name: &str) -> Result<(), ConfigError> {
        self.is_unprefixed_cookie = true;
        self.set_cookie(Some(name), None)
    }

    pub(super) fn set_routes(
        &mut self,
        prefix: Option<&str>,
        callback: Option<&str>,
    ) -> Result<(), ConfigError> {
        let prefix = prefix.unwrap_or(&self.route_prefix);
        let callback = callback.or(self.callback_path.as_deref());
        self.routes = Routes::new(prefix, callback)?;
        self.callback_path = callback.map(str::to_owned);
        self.route_prefix = prefix.to_owned();
        Ok(())
    }

    pub(super) fn set_lifetime(&mut self, lifetime: Duration) -> Result<(), ConfigError> {
        require_lifetime("lifetime", lifetime)?;
        self.lifetime = lifetime;
        Ok(())
    }

    pub(super) fn set_idle_lifetime(&mut self, lifetime: Duration) -> Result<(), ConfigError> {
        require_lifetime("idle lifetime", lifetime)?;
        self.idle_lifetime = Some(lifetime);
        Ok(())
    }

    /// The claims that a session keeps of these.
    pub(super) fn kept(&self, claims: ClaimSet) -> ClaimSet {
        let Some(paths) = &self.kept_claims else {
            return claims;
        };
        let mut kept = self.allowed.kept(&claims);
        for path in &**paths {
            if let Some(value) = path.find(&claims) {
                path.put(&mut kept, value.clone());
            }
        }
        ClaimSet::from_object(kept)
    }

    /// The site's origin, as the browser knows it.
    pub(super) fn origin(&self, head: &Parts) -> Result<Origin, Failure> {
        let origin = self.public_url.origin(head);
        origin.ok_or_else(|| {
            Failure::malformed("the public URL cannot be determined from the request")
        })
    }

    pub(super) fn redirect_uri(&self, origin: &Origin) -> String {
        format!("{origin}{}", self.routes.callback)
    }

    /// Where a sign-in that this request starts returns to.
    pub(super) fn return_path(&self, uri: &Uri) -> ReturnPath {
        self.unless_own_route(ReturnPath::of(uri))
    }

    /// No sign-in returns to a route that starts another one or ends the session.
    pub(super) fn unless_own_route(&self, path: ReturnPath) -> ReturnPath {
        match self.routes.of(path.path()) {
            Some(_) => ReturnPath::default(),
            None => path,
        }
    }
}

fn binding(cookie: &SessionCookie, provider: &Provider) -> Vec<u8> {
    // Each part follows its length, so that no two mounts share a binding.
    let mut binding = Vec::new();
    for part in [cookie.name(), provider.identity(), provider.client_id()] {
        binding.extend((part.len() as u64).to_be_bytes());
        binding.extend(part.as_bytes());
    }
    binding
}

fn require_lifetime(setting: &'static str, lifetime: Duration) -> Result<(), ConfigError> {
    // `Max-Age` is in whole seconds.
    if (Duration::from_secs(1)..=MAX_LIFETIME).contains(&lifetime) {
        Ok(())
    } else {
        let problem = "must be between 1 second and 400 days";
        Err(ConfigError::new(setting, problem))
    }
}
