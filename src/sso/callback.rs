use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};

use super::answer::{Failure, redirect};
use super::browser_secret::BrowserSecret;
use super::callback_parameters::{CallbackParameters, Outcome};
use super::config::Config;
use super::login::Start;
use super::note::SignInNote;
use super::provider::{Grant, Redemption};
use super::redemptions::NotTaken;
use super::sessions;
use super::state::State;
use crate::client_address::ClientNetwork;
use crate::session::SessionStore;

const REDEEMED: &str = "the state was redeemed before, or is no longer in the store";

/// Answers a browser that comes back from the provider. It redirects there again only as often as
/// [`Start::again`] allows, so that there is no loop.
pub(super) async fn answer(config: &Config, head: &Parts) -> Response<Bytes> {
    let answer = finish(config, head).await;
    answer.unwrap_or_else(|failure| failure.response(&config.pages))
}

async fn finish(config: &Config, head: &Parts) -> Result<Response<Bytes>, Failure> {
    let here = config.origin(head)?;
    let query = head.uri.query().unwrap_or_default();
    let parameters = CallbackParameters::parse(query).map_err(Failure::malformed)?;
    let state = State::open(&parameters.state, &config.state_sealer, &config.binding);
    let state =
        state.ok_or_else(|| Failure::expired("the state was not sealed by this gateway"))?;
    let now = config.clock.now();
    let is_open = !state.has_expired(now) && !config.redemptions.has(&state, now);
    let browser = browser(config, head, &state);
    // Only the browser that started the sign-in is sent to the origin of that start: anyone can show their own
    // state to other people.
    let origin = browser.as_ref().map_or(&here, |_| &state.origin);
    let location = format!("{origin}{}", state.return_to.as_str());
    let Some(browser) = browser.filter(|_| is_open) else {
        // A tab that is late or repeated, after another tab has signed the browser in.
        if sessions::is_signed_in(config, head).await {
            return Ok(redirect(&location, Vec::new()));
        }
        // Of several first requests of a browser, which had no cookie yet, the last has set it.
        let again = Start::again(config, head, &state).filter(|_| is_open);
        if let Some(start) = again {
            return Ok(start.answer(config).await);
        }
        let failure = Failure::expired("this browser has no pending sign-in of this state");
        return Err(failure.with_return_to(&state.return_to));
    };
    let callback = Callback {
        config,
        head,
        parameters: &parameters,
        state: &state,
        browser: &browser,
    };
    match callback.complete().await {
        Ok(cookies) => {
            let note = SignInNote::of_cookies(&cookies);
            let mut response = redirect(&location, cookies);
            note.map(|note| response.extensions_mut().insert(note));
            Ok(response)
        }
        Err(failure) => Err(failure.with_return_to(&state.return_to)),
    }
}

/// The secret of the browser, if it has started this sign-in.
fn browser(config: &Config, head: &Parts, state: &State) -> Option<BrowserSecret> {
    // Another host of the domain may have set a cookie of this name too.
    let values = config.login_cookie.values(head);
    let mut secrets = values.filter_map(BrowserSecret::parse);
    secrets.find(|secret| state.is_of(secret))
}

/// A browser that comes back from the sign-in that it has started.
struct Callback<'a> {
    config: &'a Config,
    head: &'a Parts,
    parameters: &'a CallbackParameters<'a>,
    state: &'a State,
    browser: &'a BrowserSecret,
}

impl Callback<'_> {
    /// Redeems the code. Returns the `Set-Cookie` lines of the new session.
    async fn complete(&self) -> Result<Vec<HeaderValue>, Failure> {
        let Self {
            config,
            head,
            state,
            ..
        } = self;
        let client = ClientNetwork::of_head(head);
        let redemption = config.redemptions.begin(client);
        let _redemption = redemption.ok_or_else(Failure::busy)?;
        // If the store fails, the browser can retry with the same code.
        take_marker(config, state).await?;
        // The store may forget, or be missing.
        let taken = config.redemptions.take(state, client, config.clock.now());
        taken.map_err(|reason| match reason {
            NotTaken::Again => Failure::expired(REDEEMED),
            NotTaken::TooMany => Failure::busy(),
        })?;
        let grant = self.redeem().await?;
        let begun = sessions::begin(config, grant, state.losses, head).await;
        begun.map_err(Failure::of_begin)
    }

    /// Redeems the code, and checks the person against the allow-list.
    async fn redeem(&self) -> Result<Grant, Failure> {
        let (config, id) = (self.config, self.state.id);
        // Checked before anything else in the callback is used, including an error (RFC 9207 section 2.4).
        let iss = self.parameters.iss.as_deref();
        let checked = config.provider.check_issuer(iss).await;
        checked.map_err(Failure::of_provider)?;
        let code = match &self.parameters.outcome {
            Outcome::Code(code) => code,
            Outcome::Error(error) => return Err(Failure::denied(error)),
        };
        let redemption = Redemption {
            code,
            verifier: &self.browser.verifier(id),
            redirect_uri: &config.redirect_uri(&self.state.origin),
            nonce: &self.browser.nonce(id),
            now: config.clock.now(),
        };
        let grant = config.provider.redeem(redemption).await;
        let grant = grant.map_err(Failure::of_provider)?;
        match config.allowed.refusal(&grant.claims, &grant.scopes) {
            Some(why) => {
                let endpoint = "userinfo_endpoint";
                let is_unused = config.provider.leaves_unused(endpoint).await;
                let note = is_unused.then(|| SignInNote::unused(endpoint));
                Err(Failure::not_allowed(why, note))
            }
            None => Ok(grant),
        }
    }
}

/// Ensures that a state with a marker is redeemed once among all gateways.
async fn take_marker(config: &Config, state: &State) -> Result<(), Failure> {
    if !state.is_stored {
        return Ok(());
    }
    let marker = match &config.store {
        Some(store) => store.take(&state.id.store_key()).await,
        None => Ok(None),
    };
    match marker.map_err(Failure::of_store)? {
        Some(_) => Ok(()),
        None => Err(Failure::expired(REDEEMED)),
    }
}
