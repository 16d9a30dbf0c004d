use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};

use super::answer::{Failure, redirect};
use super::browser_secret::BrowserSecret;
use super::config::Config;
use super::login_id::LoginId;
use super::origin::Origin;
use super::provider::AuthorizationRequest;
use super::return_path::ReturnPath;
use super::sessions;
use super::state::{MAX_AGE, State};
use super::ticket::are_too_many;
use crate::client_address::ClientNetwork;
use crate::session::SessionStore;

/// A sign-in about to start: what it needs from the request.
#[derive(Debug)]
pub(super) struct Start {
    origin: Origin,
    client: ClientNetwork,
    return_to: ReturnPath,
    /// How many sessions of this browser in a row were lost.
    losses: u8,
    restarts: u8,
    browser: BrowserSecret,
}

impl Start {
    pub(super) fn new(
        config: &Config,
        head: &Parts,
        return_to: ReturnPath,
    ) -> Result<Self, Failure> {
        Ok(Self {
            origin: config.origin(head)?,
            client: ClientNetwork::of_head(head),
            return_to,
            losses: sessions::losses(config, head),
            restarts: 0,
            browser: browser(config, head).unwrap_or_else(BrowserSecret::new),
        })
    }

    /// The same sign-in again, of a browser that has come back with the cookie of another one. `None` if
    /// it has no cookie, or if this has happened too often.
    pub(super) fn again(config: &Config, head: &Parts, state: &State) -> Option<Self> {
        let browser = browser(config, head).filter(|_| state.may_restart())?;
        Some(Self {
            origin: config.public_url.origin(head)?,
            client: ClientNetwork::of_head(head),
            return_to: state.return_to.clone(),
            losses: state.losses,
            restarts: state.restarts + 1,
            browser,
        })
    }

    /// A sign-in that nobody requested explicitly. Fails if the browser would be redirected in a loop.
    pub(super) fn unasked(
        config: &Config,
        head: &Parts,
        return_to: ReturnPath,
    ) -> Result<Self, Failure> {
        let start = Self::new(config, head, return_to)?;
        if are_too_many(start.losses) {
            let failure = Failure::lost("new sessions of this browser are lost repeatedly");
            return Err(failure.with_return_to(&start.return_to));
        }
        Ok(start)
    }

    /// Sends the browser to the provider.
    pub(super) async fn answer(self, config: &Config) -> Response<Bytes> {
        match self.begin(config).await {
            Ok((location, cookie)) => redirect(&location, vec![cookie]),
            Err(failure) => {
                let failure = failure.with_return_to(&self.return_to);
                failure.response(&config.pages)
            }
        }
    }

    async fn begin(&self, config: &Config) -> Result<(String, HeaderValue), Failure> {
        let now = config.clock.now();
        // A network that has spent its budget still signs in, without a marker: nobody is locked out by
        // others of the same network, and the store does not grow.
        let store = config.store.as_ref();
        let store = store.filter(|_| config.starts.spend(self.client, now));
        let id = LoginId::new();
        let state = State {
            id,
            started_at: now,
            is_stored: store.is_some(),
            losses: self.losses,
            restarts: self.restarts,
            browser: self.browser.proof(id),
            origin: self.origin.clone(),
            return_to: self.return_to.clone(),
        };
        let request = AuthorizationRequest {
            state: &state.seal(&config.state_sealer, &config.binding),
            redirect_uri: &config.redirect_uri(&self.origin),
            verifier: &self.browser.verifier(id),
            nonce: &self.browser.nonce(id),
        };
        let location = config.provider.authorization_url(&request).await;
        let location = location.map_err(Failure::of_provider)?;
        if let Some(store) = store {
            let marked = store.save(&state.id.store_key(), b"1".to_vec(), MAX_AGE);
            marked.await.map_err(Failure::of_store)?;
        }
        // The same value again, so that it lasts as long as the youngest sign-in.
        let (value, is_https) = (self.browser.cookie_value(), self.origin.is_https());
        let cookie = config.login_cookie.set(&value, MAX_AGE, is_https);
        Ok((location, cookie))
    }
}

/// The secret that a browser has from its earlier sign-ins.
fn browser(config: &Config, head: &Parts) -> Option<BrowserSecret> {
    let mut values = config.login_cookie.values(head);
    values.find_map(BrowserSecret::parse)
}
