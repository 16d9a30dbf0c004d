use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
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
use crate::clock::Clock;
use crate::cookies;
use crate::error::ConfigError;
use crate::gate::{Authenticator, Decision, Refusal, RefusalKind, impl_layer_for_method};
use crate::jwt::ClaimPath;
use crate::session::{CookieKeys, SameSite, SessionStore};

/// Admits people who sign in with a browser, at an `OpenID` Connect or OAuth 2.0 provider.
///
/// See the [module docs](crate::sso). Clones share all state.
#[derive(Clone)]
#[must_use]
pub struct SsoLayer {
    config: Arc<Config>,
}

impl SsoLayer {
    /// Admits people that the provider identifies and `allowed` lists.
    ///
    /// `keys` seal the sessions and the `state` of each sign-in.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the realm is not printable ASCII or the allow-list is empty.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "only the derived sealers are kept, and callers need not keep the keys"
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

    /// Keeps sessions in a store instead of in sealed cookies.
    ///
    /// Signing out then ends the session for every copy of its cookie, a session can have any size, and a
    /// `state` is redeemed once even if the provider accepts its code again. While the store fails,
    /// requests with a session are answered with 503.
    pub fn with_session_store(self, store: impl SessionStore) -> Self {
        self.with(|config| config.store = Some(Arc::new(store)))
    }

    /// Sets the name of the session cookie (default `portcullis`). If the public URL is fixed and https,
    /// `__Host-` is prepended.
    ///
    /// Each mount of a site needs its own cookie name and routes.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if it is not a token of 1 to 40 characters, or begins with `__Host-`,
    /// `__Secure-` or `portcullis-login`.
    pub fn with_cookie_name(self, name: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_cookie(Some(name), None))
    }

    /// Sets the name of the session cookie without `__Host-`, for a name that other software knows: a
    /// shared cache, or the program that this one replaces.
    ///
    /// Browsers then also accept the cookie from other hosts of the domain, such as `evil.example.com`
    /// for `files.example.com`. Such a host cannot forge a session, but can plant its own in another
    /// person's browser.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same names as [`with_cookie_name`](Self::with_cookie_name).
    pub fn with_insecure_unprefixed_cookie_name(self, name: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_unprefixed_cookie(name))
    }

    /// Sets when the browser sends the session cookie with requests that other sites cause (default
    /// [`SameSite::Lax`]).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for [`SameSite::None`] if the public URL is http.
    pub fn with_same_site(self, same_site: SameSite) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_cookie(None, Some(same_site)))
    }

    /// Sets how long after the sign-in a session ends (default 9 hours).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for less than one second or more than 400 days.
    pub fn with_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_lifetime(lifetime))
    }

    /// Ends a session this long after its last request. Requests are recorded ten times in that period,
    /// so it can end after nine tenths of it. By default there is no idle limit.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same values as [`with_lifetime`](Self::with_lifetime).
    pub fn with_idle_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_idle_lifetime(lifetime))
    }

    /// Sets the path prefix of the routes `/callback`, `/login` and `/logout` (default `/oauth2`).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] if the path is not [canonical](crate::path) or ends in a slash, or if two
    /// routes would be the same.
    pub fn with_route_prefix(self, prefix: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_routes(Some(prefix), None))
    }

    /// Sets the path that the provider sends browsers back to, outside the prefix. The redirect URI to
    /// register with the provider is the public URL followed by this path.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError`] for the same paths as [`with_route_prefix`](Self::with_route_prefix).
    pub fn with_callback_path(self, path: &str) -> Result<Self, ConfigError> {
        self.try_with(|config| config.set_routes(None, Some(path)))
    }

    /// Asks the provider to send browsers back to the site after a sign-out there. Register the
    /// `post_logout_redirect_uri` with the provider; many show an error for an unknown one.
    pub fn with_post_logout_redirect(self) -> Self {
        self.with(|config| config.has_post_logout_redirect = true)
    }

    /// Keeps in a session, of the claims about the person, only these and those that the allow-list reads: the
    /// e-mail address and the groups that are listed. By default, it keeps all claims. Without a store, that
    /// can make the cookies too large for a proxy in front.
    ///
    /// The other claims are not in the [`Identity`](crate::gate::Identity). A person whose session began before
    /// a group was added to the list has to sign in again to be admitted by it.
    pub fn with_kept_claims(self, claims: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.with(|config| config.kept_claims = Some(claims.into_iter().collect()))
    }

    /// Passes each page that a person sees through `pages` before it is sent.
    ///
    /// The closure gets the content of the page and the default response, and returns the response to
    /// send. Cookies and the reason for the log are added afterwards.
    pub fn with_pages<F>(self, pages: F) -> Self
    where
        F: Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        self.with(|config| config.pages = Pages::replaced_by(pages))
    }

    /// Sets how many sign-ins per client network are recorded in the session store in ten minutes
    /// (default 300). Beyond that, sign-ins still work, but as if there were no store.
    pub fn with_recorded_sign_ins_per_network(self, starts: NonZeroU32) -> Self {
        self.with(|config| config.starts = Arc::new(StartBudget::new(starts)))
    }

    /// Sets how many sign-ins may be redeeming their codes at the provider at a time (default 256). Beyond
    /// that, a callback is answered with 503, and can be repeated.
    pub fn with_max_redemptions(self, redemptions: NonZeroUsize) -> Self {
        self.with(|config| {
            config.redemptions = config.redemptions.clone().with_most_in_all(redemptions);
        })
    }

    /// Sets the same for each [`ClientNetwork`](crate::client_address::ClientNetwork) (default 32).
    pub fn with_max_redemptions_per_network(self, redemptions: NonZeroUsize) -> Self {
        self.with(|config| {
            let limited = config.redemptions.clone();
            config.redemptions = limited.with_most_per_network(redemptions);
        })
    }

    /// Takes the time from `clock`. The [`Provider`] has its own clock.
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

    /// Answers a refusal by sending the browser to the provider.
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
        // After a wrong credential or for a person who is not allowed, another sign-in would change
        // nothing.
        let is_due = refusal.kind() == RefusalKind::Missing;
        if is_due && wants_sign_in(head, is_alone) {
            self.start(head, refusal);
        } else if is_alone && refusal.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 15.5.2 requires a challenge. No client implements this scheme, so none
            // prompts its user for a password that does not exist.
            refusal.add_challenge(self.config.challenge.clone());
        }
    }

    fn strip(&self, head: &mut Parts) {
        let (session, login) = (&self.config.cookie, &self.config.login_cookie);
        cookies::strip(head, |pair| session.is_ours(pair) || login.is_ours(pair));
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
