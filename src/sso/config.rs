use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::allow_list::AllowList;
use super::network::{StartBudget, TrustedProxies};
use super::origin::PublicUrl;
use super::page::Pages;
use super::provider::Provider;
use super::routes::Routes;
use super::sessions::Sessions;
use crate::clock::{Clock, SystemClock};
use crate::error::ConfigError;
use crate::gate::Challenge;
use crate::session::{CookieKeys, SameSite, Sealer, SessionCookie, SessionStore};

/// All that the sign-in of one mount is made of.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) challenge: Challenge,
    pub(super) provider: Provider,
    pub(super) public_url: PublicUrl,
    pub(super) allowed: AllowList,
    pub(super) routes: Routes,
    pub(super) cookie: SessionCookie,
    same_site: SameSite,
    cookie_name: String,
    pub(super) session_sealer: Sealer,
    pub(super) state_sealer: Sealer,
    pub(super) pending_sealer: Sealer,
    /// What a sealed value is bound to: it opens at this mount and at none beside it.
    pub(super) binding: Vec<u8>,
    pub(super) store: Option<Arc<dyn SessionStore>>,
    pub(super) sessions: Sessions,
    /// From the sign-in on.
    pub(super) lifetime: Duration,
    /// From the last request on, where it is limited.
    pub(super) idle_lifetime: Option<Duration>,
    pub(super) pages: Pages,
    pub(super) has_post_logout_redirect: bool,
    pub(super) proxies: TrustedProxies,
    pub(super) starts: Arc<StartBudget>,
    pub(super) clock: Arc<dyn Clock>,
}
