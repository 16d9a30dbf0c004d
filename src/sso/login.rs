use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};

use super::answer::{Failure, redirect};
use super::config::Config;
use super::origin::Origin;
use super::provider::AuthorizationRequest;
use super::return_path::ReturnPath;
use super::sessions;
use super::state::{LoginId, MAX_AGE, Pending, State};
use super::ticket::are_too_many;
use crate::client_address::ClientNetwork;
use crate::session::SessionStore;

/// The most pending sign-ins that a browser keeps. Together with the session's, their cookies fill 8 KiB,
/// which is the limit of many servers for a request's head.
const MOST_PENDING: usize = 30;

/// A sign-in about to start: what it needs from the request.
#[derive(Debug)]
pub(super) struct Start {
    origin: Origin,
    client: ClientNetwork,
    return_to: ReturnPath,
    /// How many sessions of this browser in a row were lost.
    losses: u8,
    /// `Set-Cookie` lines that clear the oldest pending sign-ins, if the browser has too many.
    surplus: Vec<HeaderValue>,
}

impl Start {
    pub(super) fn new(
        config: &Config,
        head: &Parts,
        return_to: ReturnPath,
    ) -> Result<Self, Failure> {
        let origin = config.origin(head)?;
        let surplus = surplus(config, head, &origin);
        Ok(Self {
            origin,
            client: ClientNetwork::of_head(head),
            return_to,
            losses: sessions::losses(config, head),
            surplus,
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
            Ok((location, cookie)) => {
                let mut cookies = self.surplus;
                cookies.push(cookie);
                redirect(&location, cookies)
            }
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
        let state = State {
            id: LoginId::new(),
            started_at: now,
            is_stored: store.is_some(),
            losses: self.losses,
            return_to: self.return_to.clone(),
        };
        let pending = Pending::new();
        let request = AuthorizationRequest {
            state: &state.seal(&config.state_sealer, &config.binding),
            redirect_uri: &config.redirect_uri(&self.origin),
            verifier: &pending.verifier(),
            nonce: &pending.nonce(),
        };
        let location = config.provider.authorization_url(&request).await;
        let location = location.map_err(Failure::of_provider)?;
        if let Some(store) = store {
            let marked = store.save(&state.id.store_key(), b"1".to_vec(), MAX_AGE);
            marked.await.map_err(Failure::of_store)?;
        }
        let sealed = pending.seal(state.id, &config.pending_sealer, &config.binding);
        let name = config.cookie.login_name(state.id.short());
        let is_https = self.origin.is_https();
        let cookie = config.cookie.set_login(&name, &sealed, MAX_AGE, is_https);
        Ok((location, cookie))
    }
}

fn surplus(config: &Config, head: &Parts, origin: &Origin) -> Vec<HeaderValue> {
    let pending: Vec<_> = config.cookie.login_names(head).collect();
    let surplus = (pending.len() + 1).saturating_sub(MOST_PENDING);
    // Browsers send cookies of the same path oldest first (RFC 6265 section 5.4).
    let oldest = pending.into_iter().take(surplus);
    let clear = |name| config.cookie.clear_login(name, origin.is_https());
    oldest.map(clear).collect()
}
