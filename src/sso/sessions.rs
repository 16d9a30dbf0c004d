use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;

use super::config::Config;
use super::maintenance::{is_to_be_asked_about, keep_up, touch};
use super::provider::Grant;
use super::session::{Session, SessionId};
use super::stored::Place;
use super::ticket::Ticket;
use super::trouble::{BeginError, Trouble};
use super::visit::Visit;
use crate::gate::{Decision, Verdict};
use crate::secret::Secret;
use crate::session::{CookieValue, SessionStoreError, TooLarge};

/// What the session cookie of a request contains.
enum Shown {
    Nothing,
    /// A cookie that this gateway did not seal, or can no longer open.
    Stale,
    /// Several cookies of the same name.
    Ambiguous,
    /// The session itself, if there is no store.
    Session(Box<Session>),
    /// The key of the session in the store.
    Ticket(Ticket),
}

fn shown(config: &Config, head: &Parts) -> Shown {
    let sealed = match config.cookie.read(head) {
        CookieValue::Absent => return Shown::Nothing,
        CookieValue::Malformed => return Shown::Stale,
        CookieValue::Twice => return Shown::Ambiguous,
        CookieValue::Given(sealed) => sealed,
    };
    let Some(plain) = config.session_sealer.open(&sealed, &config.binding) else {
        return Shown::Stale;
    };
    let shown = match config.store {
        None => Session::from_bytes(&plain).map(|session| Shown::Session(Box::new(session))),
        Some(_) => Ticket::from_bytes(&plain).map(Shown::Ticket),
    };
    shown.unwrap_or(Shown::Stale)
}

/// How many sessions of this browser in a row were lost, if the one in its cookie is not found, or if the
/// provider has ended it.
pub(super) fn losses(config: &Config, head: &Parts) -> u8 {
    let visit = Visit::new(config, head);
    match shown(config, head) {
        Shown::Ticket(ticket) => ticket.lost_at(visit.now),
        Shown::Session(session) if !visit.has_ended(&session) => session.lost_at(visit.now),
        _ => 0,
    }
}

/// Starts a session under a new id. Returns its `Set-Cookie` lines.
pub(super) async fn begin(
    config: &Config,
    grant: Grant,
    losses: u8,
    head: &Parts,
) -> Result<Vec<HeaderValue>, BeginError> {
    let visit = Visit::new(config, head);
    let keeps_access_token = config.provider.recheck_after().is_some();
    let grant = Grant {
        claims: config.kept(grant.claims),
        id_token: config.hint(grant.id_token).await,
        ..grant
    };
    let session = Session {
        losses,
        ..Session::begin(grant, keeps_access_token, visit.now)
    };
    if let Some(place) = Place::of(config, &session.id) {
        let saved = place.save(&session, visit.now).await;
        saved.map_err(BeginError::Store)?;
    }
    let cookies = match config.store {
        None => visit.cookies_of(&session),
        Some(_) => visit.cookies_of_ticket(&session),
    };
    cookies.map_err(|TooLarge| BeginError::TooLarge)
}

/// Decides about a request by the session in its cookie.
pub(super) fn decide(config: &Arc<Config>, head: &Parts) -> Decision {
    let visit = Visit::new(config, head);
    match shown(config, head) {
        Shown::Nothing => Decision::Absent,
        Shown::Stale => Decision::Now(visit.missing()),
        Shown::Ambiguous => Decision::Now(visit.ambiguous()),
        Shown::Session(session) if visit.has_ended(&session) => Decision::Now(visit.missing()),
        Shown::Session(session) if is_to_be_asked_about(config, &session, visit.now) => {
            let (config, head) = (Arc::clone(config), head.clone());
            Decision::later(async move { keep_up(&config, &head, *session).await })
        }
        Shown::Session(mut session) => {
            let is_changed = touch(config, &mut session, visit.now);
            let cookies = visit.cookies_of_changed(&session, is_changed);
            Decision::Now(visit.admit(*session, cookies))
        }
        Shown::Ticket(Ticket { id, .. }) => {
            let (config, head) = (Arc::clone(config), head.clone());
            Decision::later(async move { judge_stored(&config, &head, &id).await })
        }
    }
}

async fn judge_stored(config: &Arc<Config>, head: &Parts, id: &SessionId) -> Verdict {
    let visit = Visit::new(config, head);
    match load(config, id).await {
        Ok(Some(session)) if !visit.has_ended(&session) => keep_up(config, head, session).await,
        Ok(_) => visit.missing(),
        Err(error) => visit.unavailable(Trouble::Store(error), Vec::new()),
    }
}

async fn load(config: &Config, id: &SessionId) -> Result<Option<Session>, SessionStoreError> {
    match Place::of(config, id) {
        Some(place) => place.load().await,
        None => Ok(None),
    }
}

/// Whether a request has a session that has not ended. Asks the store only, not the provider.
pub(super) async fn is_signed_in(config: &Config, head: &Parts) -> bool {
    let session = match shown(config, head) {
        Shown::Nothing | Shown::Stale | Shown::Ambiguous => None,
        Shown::Session(session) => Some(*session),
        Shown::Ticket(ticket) => load(config, &ticket.id).await.unwrap_or_default(),
    };
    session.is_some_and(|session| !Visit::new(config, head).has_ended(&session))
}

/// The outcome of ending a session.
pub(super) struct Ended {
    /// The `Set-Cookie` lines that remove it and the login cookie.
    pub(super) cookies: Vec<HeaderValue>,
    /// Tells the provider who signs out.
    pub(super) id_token: Option<Secret>,
    /// Whether the store has removed it, if there is a store.
    pub(super) outcome: Result<(), SessionStoreError>,
}

/// Ends the session of a request, if it has one. The browser's cookie is removed even if the store fails.
pub(super) async fn end(config: &Config, head: &Parts) -> Ended {
    let visit = Visit::new(config, head);
    let mut cookies = visit.clearing_cookies();
    cookies.extend(config.login_cookie.clear(visit.is_https(), head));
    let (session, outcome) = match shown(config, head) {
        Shown::Nothing | Shown::Stale | Shown::Ambiguous => (None, Ok(())),
        Shown::Session(session) => (Some(*session), Ok(())),
        Shown::Ticket(ticket) => remove(config, &ticket.id).await,
    };
    Ended {
        cookies,
        id_token: session.and_then(|session| session.tokens.id),
        outcome,
    }
}

async fn remove(
    config: &Config,
    id: &SessionId,
) -> (Option<Session>, Result<(), SessionStoreError>) {
    match Place::of(config, id) {
        // If loading fails, only the hint for the provider is missing.
        Some(place) => (place.load().await.unwrap_or_default(), place.end().await),
        None => (None, Ok(())),
    }
}
