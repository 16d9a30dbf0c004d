use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;

use super::config::Config;
use super::recheck::rechecked;
use super::refresh::refreshed;
use super::seconds::Seconds;
use super::session::Session;
use super::stored::Place;
use super::trouble::Unkept;
use super::visit::Visit;
use crate::gate::Verdict;

/// Whether the provider must be asked before a session can be judged.
pub(super) fn is_to_be_asked_about(config: &Config, session: &Session, now: Seconds) -> bool {
    session.is_due_for_refresh(now) || grace_that_is_over(config, session, now).is_some()
}

/// The interval of rechecks, if the next one is due.
fn grace_that_is_over(config: &Config, session: &Session, now: Seconds) -> Option<Duration> {
    let grace = config.provider.recheck_after()?;
    (now.apart(session.checked) >= grace).then_some(grace)
}

/// Records that a session is in use, ten times in an idle lifetime rather than at each request.
pub(super) fn touch(config: &Config, session: &mut Session, now: Seconds) -> bool {
    let Some(idle_lifetime) = config.idle_lifetime else {
        return false;
    };
    let is_due = now.since(session.seen) >= (idle_lifetime / 10).max(Duration::from_secs(1));
    if is_due {
        session.seen = now;
    }
    is_due
}

/// Judges a session that has not ended. A refresh and a recheck that are due are done first, and their
/// outcome is saved.
///
/// If the tokens are outdated, no cookie is set or removed: the browser may have just got a newer one from
/// another gateway.
pub(super) async fn keep_up(config: &Arc<Config>, head: &Parts, mut session: Session) -> Verdict {
    let visit = Visit::new(config, head);
    let mut is_changed = false;
    let mut is_outdated = false;
    if session.is_due_for_refresh(visit.now) {
        match refreshed(config, &session).await {
            Ok(new) => {
                session.take_tokens_of(&new);
                is_changed = true;
            }
            Err(Unkept::Over(detail)) => return visit.over(&session, detail),
            Err(Unkept::Outdated(_)) if session.has_good_token(visit.now) => is_outdated = true,
            Err(Unkept::Outdated(detail)) => return visit.outdated(&session, detail),
            Err(Unkept::Trouble(_)) if session.has_good_token(visit.now) => {}
            Err(Unkept::Trouble(trouble)) => return visit.unavailable(trouble, Vec::new()),
        }
    }
    if let Some(grace) = grace_that_is_over(config, &session, visit.now) {
        match rechecked(config, &session, grace).await {
            Ok(new) => {
                session.take_check_of(&new);
                // With an interval of zero the next request asks again, so there is nothing to save.
                is_changed |= !grace.is_zero();
            }
            Err(Unkept::Over(detail)) => return visit.over(&session, detail),
            Err(Unkept::Outdated(detail)) => return visit.outdated(&session, detail),
            Err(Unkept::Trouble(trouble)) => {
                let cookies = visit.cookies_of_changed(&session, is_changed);
                return visit.unavailable(trouble, cookies);
            }
        }
    }
    if touch(config, &mut session, visit.now) {
        is_changed = true;
        if let Some(place) = Place::of(config, &session.id) {
            place.change(visit.now, |kept| kept.seen = visit.now).await;
        }
    }
    let cookies = visit.cookies_of_changed(&session, is_changed && !is_outdated);
    visit.admit(session, cookies)
}
