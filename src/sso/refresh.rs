use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::config::Config;
use super::flights::{Outcome, REMEMBERED};
use super::provider::{ProviderErrorKind, Refreshed};
use super::seconds::Seconds;
use super::session::Session;
use super::stored::Place;
use super::trouble::{Trouble, Unkept};

/// How often to look for the result of another gateway, and the pause in between.
const LOOKS: u32 = 12;
const APART: Duration = Duration::from_millis(250);

/// The session with new tokens. All requests with the old ones share one call, since a refresh token is
/// valid once.
pub(super) async fn refreshed(config: &Arc<Config>, session: &Session) -> Outcome {
    let version = session.tokens.generation;
    let call = refresh(Arc::clone(config), session.clone());
    let flights = &config.calls.refreshes;
    flights
        .join(session.id, version, REMEMBERED, &config.clock, call)
        .await
}

async fn refresh(config: Arc<Config>, session: Session) -> Outcome {
    let Some(place) = Place::of(&config, &session.id) else {
        return ask(&config, session).await;
    };
    for _ in 0..LOOKS {
        if place.try_lock().await? {
            let outcome = refresh_locked(&config, &place, &session).await;
            place.unlock().await;
            return outcome;
        }
        if session.has_good_token(Seconds::of(config.clock.now())) {
            break;
        }
        sleep(APART).await;
        let current = current(&place).await?;
        if current.is_newer_than(&session) {
            return Ok(Arc::new(current));
        }
    }
    Err(Unkept::Trouble(Trouble::Busy))
}

async fn refresh_locked(config: &Config, place: &Place<'_>, session: &Session) -> Outcome {
    let current = current(place).await?;
    if current.is_newer_than(session) {
        return Ok(Arc::new(current));
    }
    let outcome = ask(config, current).await;
    match &outcome {
        Ok(session) => {
            let now = Seconds::of(config.clock.now());
            // Tried twice, since these are the only valid tokens.
            if place.save_again(session, now).await.is_err() {
                let _ = place.save_again(session, now).await;
            }
        }
        // If this fails, the provider still refuses the session's tokens.
        Err(Unkept::Over(_)) => drop(place.end().await),
        Err(Unkept::Outdated(_) | Unkept::Trouble(_)) => {}
    }
    outcome
}

/// The session as it is in the store now.
async fn current(place: &Place<'_>) -> Result<Session, Unkept> {
    let session = place.load().await?;
    session.ok_or(Unkept::Over("the session has been ended"))
}

async fn ask(config: &Config, mut session: Session) -> Outcome {
    let Some(token) = &session.tokens.refresh else {
        return Err(Unkept::Over("the session has no refresh token"));
    };
    let now = config.clock.now();
    match config.provider.refresh(token, &session.subject, now).await {
        Ok(new) => {
            let new = Refreshed {
                claims: new.claims.map(|claims| config.kept(claims)),
                id_token: config.hint(new.id_token).await,
                ..new
            };
            let keeps_access_token = config.provider.recheck_after().is_some();
            session.renew(new, keeps_access_token, Seconds::of(now));
            Ok(Arc::new(session))
        }
        Err(error) => Err(match error.kind() {
            ProviderErrorKind::InvalidGrant => {
                let detail = "the provider no longer accepts the refresh token";
                // With a store, all gateways have the same tokens.
                match config.store {
                    Some(_) => Unkept::Over(detail),
                    None => Unkept::Outdated(detail),
                }
            }
            ProviderErrorKind::IdToken | ProviderErrorKind::Denied => {
                Unkept::Over("the provider no longer confirms the person")
            }
            _ => Unkept::Trouble(Trouble::Provider(error)),
        }),
    }
}
