use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};

use super::allow_list::AllowList;
use super::config::Config;
use super::login::Start;
use super::origin::PublicUrl;
use super::own_answers;
use super::page::{Page, Pages};
use super::provider::Provider;
use super::routes::Route;
use super::sessions;
use super::start_budget::StartBudget;
use super::wants_sign_in::wants_sign_in;
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::cookies;
use crate::error::ConfigError;
use crate::gate::{Authenticator, Decision, Refusal, RefusalKind, impl_layer_for_method};
use crate::session::{CookieKeys, SameSite, SessionStore};

/// Admits people who sign in with a browser, at an `OpenID` Connect or OAuth 2.0 provider.
///
/// See the [module docs](crate::sso). A clone shares everything.
#[derive(Clone)]
#[must_use]
pub struct SsoLayer {
    config: Arc<Config>,
}

impl SsoLayer {
    /// Lets in whom the provider knows and the list allows.
    ///
    /// `keys` seal the sessions, and all that a sign-in leaves with the browser meanwhile.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the realm is not printable ASCII, and where the list allows nobody.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what they seal with is all that is kept, and nobody else has to keep them"
    )]
    pub fn new(
        realm: impl Into<String>,
        provider: Provider,
        public_url: PublicUrl,
        keys: CookieKeys,
        allowed: AllowList,
    ) -> Result<Self, ConfigError> {
        let config = Config::new(realm.into(), provider, public_url, &keys, allowed)?;
        Ok(Self {
            config: Arc::new(config),
        })
    }

    /// Keeps sessions in a store, instead of sealed in their cookies.
    ///
    /// A session is then over for good when somebody signs out, it may be of any size, and a `state` is
    /// redeemed once even if the provider lets its code be redeemed again. While the store fails,
    /// requests with a session are answered with 503.
    pub fn with_session_store(self, store: impl SessionStore) -> Self {
        self.with(|config| config.store = Some(Arc::new(store)))
    }

    /// Names the session's cookie, which is called `portcullis` unless told. Where the public URL is known
    /// to be https, `__Host-` is put before it.
    ///
    /// Mounts of one site need names, and routes, of their own.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it is not a token of 1 to 40 characters, or begins with `__Host-` or `__Secure-`.
    pub fn with_cookie_name(self, name: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_cookie(Some(name), None))
    }

    /// The same without the `__Host-`, for a name that others know the cookie by: a shared cache, or
    /// programs that came before.
    ///
    /// Browsers then take such a cookie from any site of the same domain too, `evil.example.com` beside
    /// `files.example.com`: it cannot be made there, but somebody's own session can be given to another.
    ///
    /// # Errors
    ///
    /// As [`with_cookie_name`](Self::with_cookie_name).
    pub fn with_insecure_unprefixed_cookie_name(self, name: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_unprefixed_cookie(name))
    }

    /// Says when the browser sends the session's cookie with what other sites make it ask for;
    /// [`SameSite::Lax`] unless told.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for [`SameSite::None`] where the public URL is http.
    pub fn with_same_site(self, same_site: SameSite) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_cookie(None, Some(same_site)))
    }

    /// Ends a session so long after the sign-in, whatever happens; 9 hours unless told.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for less than a second or more than 400 days.
    pub fn with_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_lifetime(lifetime))
    }

    /// Ends a session so long after its last request, and after nine tenths of that at the earliest.
    /// Unless told it does not end so.
    ///
    /// # Errors
    ///
    /// As [`with_lifetime`](Self::with_lifetime).
    pub fn with_idle_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_idle_lifetime(lifetime))
    }

    /// Puts the routes of the sign-in under this path, instead of `/oauth2`: `/callback`, `/login` and
    /// `/logout`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where it is not the [canonical](crate::path) spelling of a path, ends in a slash, or
    /// one route is another.
    pub fn with_route_prefix(self, prefix: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_routes(Some(prefix), None))
    }

    /// Has the provider send browsers back to this path, instead of one under the prefix. The redirect
    /// URI to register with the provider is the public URL with this path.
    ///
    /// # Errors
    ///
    /// As [`with_route_prefix`](Self::with_route_prefix).
    pub fn with_callback_path(self, path: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_routes(None, Some(path)))
    }

    /// Has the provider send browsers back to the site when they have signed out there. The provider has
    /// to know the `post_logout_redirect_uri`, else many show an error instead.
    pub fn with_post_logout_redirect(self) -> Self {
        self.with(|config| config.has_post_logout_redirect = true)
    }

    /// Passes each page that a person sees through `pages` before it is sent.
    ///
    /// The closure gets what the page says and the response that would be sent; it returns the one to
    /// send. Cookies, and the reason for the log, are added to whatever it returns.
    pub fn with_pages<F>(self, pages: F) -> Self
    where
        F: Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        self.with(|config| config.pages = Pages::replaced_by(pages))
    }

    /// Believes these proxies about the address of the client, of which the sign-ins are
    /// [counted](Self::with_recorded_sign_ins_per_network).
    pub fn with_trusted_proxies(self, proxies: TrustedProxies) -> Self {
        self.with(|config| config.proxies = Some(proxies))
    }

    /// How many sign-ins of one client network are noted in the session store, within ten minutes; 300
    /// unless told. Nobody is kept out by it: those beyond are as good as they are without a store.
    pub fn with_recorded_sign_ins_per_network(self, starts: NonZeroU32) -> Self {
        self.with(|config| config.starts = Arc::new(StartBudget::new(starts)))
    }

    /// Takes the time from `clock`. The [`Provider`] has a clock of its own.
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.with(|config| config.clock = Arc::new(clock))
    }

    fn with(mut self, set: impl FnOnce(&mut Config)) -> Self {
        set(Arc::make_mut(&mut self.config));
        self
    }

    fn try_with(
        mut self,
        set: impl FnOnce(&mut Config) -> Result<(), ConfigError>,
    ) -> Result<Self, ConfigError> {
        set(Arc::make_mut(&mut self.config))?;
        Ok(self)
    }

    fn route(&self, head: &Parts) -> Option<Route> {
        self.config.routes.of(head.uri.path())
    }

    /// Sends the browser to the provider in answer to a refusal.
    fn start(&self, head: &Parts, refusal: &mut Refusal) {
        let config = Arc::clone(&self.config);
        let return_to = config.return_path(&head.uri);
        match Start::unasked(&config, head, return_to) {
            Ok(start) => refusal.answer_later(async move { start.answer(&config).await }),
            Err(failure) => refusal.answer_with(failure.response(&config.pages)),
        }
    }
}

impl Authenticator for SsoLayer {
    fn authenticate(&self, head: &Parts) -> Decision {
        match self.route(head) {
            Some(route) => {
                let answer = own_answers::answer(Arc::clone(&self.config), route, head.clone());
                Decision::later(answer)
            }
            None => sessions::decide(&self.config, head),
        }
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        let is_alone = !refusal.is_of_several_methods();
        // A wrong credential, or a person who may not, would come back from the provider as before.
        let is_due = refusal.kind() == RefusalKind::Missing;
        if is_due && wants_sign_in(head, is_alone) {
            self.start(head, refusal);
        } else if is_alone && refusal.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 15.5.2 wants a challenge, and clients know how to answer none of this
            // scheme, so that none asks its user for a password that nobody has.
            refusal.add_challenge(self.config.challenge.clone());
        }
    }

    fn strip(&self, head: &mut Parts) {
        cookies::strip(head, |pair| self.config.cookie.is_ours(pair));
    }

    fn owns_route(&self, head: &Parts) -> bool {
        self.route(head).is_some()
    }
}

impl_layer_for_method!(SsoLayer);

impl fmt::Debug for SsoLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SsoLayer")
            .field("challenge", &self.config.challenge.header_value())
            .field("provider", &self.config.provider)
            .field("public_url", &self.config.public_url)
            .field("routes", &self.config.routes)
            .field("cookie", &self.config.cookie.name())
            .field("store", &self.config.store)
            .finish_non_exhaustive()
    }
}
