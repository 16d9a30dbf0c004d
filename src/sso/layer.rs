use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::allow_list::AllowList;
use super::config::Config;
use super::network::TrustedProxies;
use super::origin::PublicUrl;
use super::page::Page;
use super::provider::Provider;
use crate::clock::Clock;
use crate::error::ConfigError;
use crate::gate::{Authenticator, Decision, Refusal, impl_layer_for_method};
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
    pub fn new(
        realm: impl Into<String>,
        provider: Provider,
        public_url: PublicUrl,
        keys: CookieKeys,
        allowed: AllowList,
    ) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_session_store(self, store: impl SessionStore) -> Self {
        todo!()
    }

    pub fn with_cookie_name(self, name: &str) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_same_site(self, same_site: SameSite) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_idle_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_route_prefix(self, prefix: &str) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_callback_path(self, path: &str) -> Result<Self, ConfigError> {
        todo!()
    }

    pub fn with_post_logout_redirect(self) -> Self {
        todo!()
    }

    pub fn with_pages<F>(self, pages: F) -> Self
    where
        F: Fn(&Page, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    {
        todo!()
    }

    pub fn with_trusted_proxies(self, proxies: TrustedProxies) -> Self {
        todo!()
    }

    pub fn with_starts_per_network(self, starts: NonZeroU32) -> Self {
        todo!()
    }

    pub fn with_clock(self, clock: impl Clock) -> Self {
        todo!()
    }
}

impl Authenticator for SsoLayer {
    fn authenticate(&self, head: &Parts) -> Decision {
        todo!()
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        todo!()
    }

    fn strip(&self, head: &mut Parts) {
        todo!()
    }

    fn owns_route(&self, head: &Parts) -> bool {
        todo!()
    }
}

impl_layer_for_method!(SsoLayer);

impl fmt::Debug for SsoLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
