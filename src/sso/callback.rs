use bytes::Bytes;
use http::Response;
use http::request::Parts;

use super::answer::{Failure, redirect};
use super::callback_parameters::{CallbackParameters, Outcome};
use super::config::Config;
use super::origin::Origin;
use super::provider::{Grant, Redemption};
use super::sessions;
use super::state::{Pending, State};
use crate::session::{CookieValue, SessionStore};

/// Answers a browser that comes back from the provider. It never redirects there again, so that there is
/// no loop.
pub(super) async fn answer(config: &Config, head: &Parts) -> Response<Bytes> {
    let answer = finish(config, head).await;
    answer.unwrap_or_else(|failure| failure.response(&config.pages))
}

async fn finish(config: &Config, head: &Parts) -> Result<Response<Bytes>, Failure> {
    let origin = config.origin(head)?;
    let query = head.uri.query().unwrap_or_default();
    let parameters = CallbackParameters::parse(query).map_err(Failure::malformed)?;
    let state = State::open(&parameters.state, &config.state_sealer, &config.binding);
    let state =
        state.ok_or_else(|| Failure::expired("the state was not sealed by this gateway"))?;
    let location = format!("{origin}{}", state.return_to.as_str());
    let Some(pending) = pending(config, head, &state) else {
        // A tab that is late or repeated, after another tab has signed the browser in.
        if sessions::is_signed_in(config, head).await {
            return Ok(redirect(&location, Vec::new()));
        }
        let failure = Failure::expired("this browser has no pending sign-in of this state");
        return Err(failure.with_return_to(&state.return_to));
    };
    // If the store fails, the browser keeps its cookie, so that it can retry with the same code.
    let marked = take_marker(config, &state).await;
    marked.map_err(|failure| failure.with_return_to(&state.return_to))?;
    let name = config.cookie.login_name(state.id.short());
    let clear = config.cookie.clear_login(&name, origin.is_https());
    let begun = match redeem(config, &origin, &parameters, &pending).await {
        Ok(grant) => {
            let begun = sessions::begin(config, grant, state.losses, head).await;
            begun.map_err(Failure::of_begin)
        }
        Err(failure) => Err(failure),
    };
    match begun {
        Ok(mut cookies) => {
            cookies.push(clear);
            Ok(redirect(&location, cookies))
        }
        Err(failure) => Err(failure.with_return_to(&state.return_to).with_cookie(clear)),
    }
}

/// The browser's part of the sign-in, unless it has expired.
fn pending(config: &Config, head: &Parts, state: &State) -> Option<Pending> {
    if state.has_expired(config.clock.now()) {
        return None;
    }
    let CookieValue::Given(sealed) = config.cookie.read_login(state.id.short(), head) else {
        return None;
    };
    Pending::open(&sealed, state.id, &config.pending_sealer, &config.binding)
}

/// Ensures that a state is redeemed once.
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
        None => Err(Failure::expired(
            "the state was redeemed before, or is no longer in the store",
        )),
    }
}

/// Redeems the code, and checks the person against the allow-list.
async fn redeem(
    config: &Config,
    origin: &Origin,
    parameters: &CallbackParameters<'_>,
    pending: &Pending,
) -> Result<Grant, Failure> {
    // Checked before anything else in the callback is used, including an error (RFC 9207 section 2.4).
    let iss = parameters.iss.as_deref();
    let checked = config.provider.check_issuer(iss).await;
    checked.map_err(Failure::of_provider)?;
    let code = match &parameters.outcome {
        Outcome::Code(code) => code,
        Outcome::Error(error) => return Err(Failure::denied(error)),
    };
    let redemption = Redemption {
        code,
        verifier: &pending.verifier(),
        redirect_uri: &config.redirect_uri(origin),
        nonce: &pending.nonce(),
        now: config.clock.now(),
    };
    let grant = config.provider.redeem(redemption).await;
    let grant = grant.map_err(Failure::of_provider)?;
    match config.allowed.refusal(&grant.claims, &grant.scopes) {
        Some(why) => Err(Failure::not_allowed(why)),
        None => Ok(grant),
    }
}
