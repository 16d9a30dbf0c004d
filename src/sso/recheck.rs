use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::flights::Outcome;
use super::provider::ProviderErrorKind;
use super::seconds::Seconds;
use super::session::Session;
use super::stored::Place;
use super::trouble::{Trouble, Unkept};

/// Asks the user endpoint about the session's access token. Requests share an answer for the interval;
/// with an interval of zero, each request asks.
pub(super) async fn rechecked(config: &Arc<Config>, session: &Session, grace: Duration) -> Outcome {
    if grace.is_zero() {
        return ask(config, session.clone()).await;
    }
    let version = session.checked.number();
    let call = recheck(Arc::clone(config), session.clone());
    let flights = &config.calls.rechecks;
    flights
        .join(session.id, version, grace, &config.clock, call)
        .await
}

async fn recheck(config: Arc<Config>, session: Session) -> Outcome {
    let outcome = ask(&config, session).await;
    if let Ok(session) = &outcome
        && let Some(place) = Place::of(&config, &session.id)
    {
        place
            .change(session.checked, |kept| kept.take_check_of(session))
            .await;
    }
    outcome
}

async fn ask(config: &Config, mut session: Session) -> Outcome {
    let Some(token) = &session.tokens.access else {
        return Err(Unkept::Over("the session has no access token to check"));
    };
    let now = Seconds::of(config.clock.now());
    match config.provider.recheck(token, &session.subject).await {
        Ok(claims) => {
            let claims = claims.map(|claims| config.kept(claims));
            session.claims = claims.unwrap_or(session.claims);
            session.checked = now;
            Ok(Arc::new(session))
        }
        Err(error) if error.kind() == ProviderErrorKind::Denied => {
            let detail = "the provider no longer accepts the access token";
            let place = Place::of(config, &session.id);
            if place.is_none() && session.tokens.refresh.is_some() {
                return Err(Unkept::Outdated(detail));
            }
            if let Some(place) = place {
                // If this fails, the provider still refuses the session's tokens.
                let _ = place.end().await;
            }
            Err(Unkept::Over(detail))
        }
        Err(error) => Err(Unkept::Trouble(Trouble::Provider(error))),
    }
}
