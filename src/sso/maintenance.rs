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

/// Whether anything is to be asked of the provider before a session can be judged.
pub(super) fn is_to_be_asked_about(config: &Config, session: &Session, now: Seconds) -> bool {
    session.is_due_for_refresh(now) || grace_that_is_over(config, session, now).is_some()
}

/// The grace period after which the user endpoint is asked, where it is over.
fn grace_that_is_over(config: &Config, session: &Session, now: Seconds) -> Option<Duration> {
    let grace = config.provider.recheck_after()?;
    (now.apart(session.checked) >= grace).then_some(grace)
}

/// Notes that a session is in use, if that has not been noted for long. It is noted ten times in the
/// idle lifetime, and not at each request.
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

/// Judges a session that is there and has not ended, and keeps it up: what is due is done, in this
/// order, and the outcome kept.
pub(super) async fn keep_up(config: &Arc<Config>, head: &Parts, mut session: Session) -> Verdict {
    let visit = Visit::new(config, head);
    let mut is_changed = false;
    if session.is_due_for_refresh(visit.now) {
        match refreshed(config, &session).await {
            Ok(new) => {
                session.take_tokens_of(&new);
                is_changed = true;
            }
            Err(Unkept::Over(detail)) => return visit.over(&session, detail),
            Err(Unkept::Trouble(_)) if session.has_good_token(visit.now) => {}
            Err(Unkept::Trouble(trouble)) => return visit.unavailable(trouble, Vec::new()),
        }
    }
    if let Some(grace) = grace_that_is_over(config, &session, visit.now) {
        match rechecked(config, &session, grace).await {
            Ok(new) => {
                session.take_check_of(&new);
                // Without any grace, the next request asks again and needs to know of nothing.
                is_changed |= !grace.is_zero();
            }
            Err(Unkept::Over(detail)) => return visit.over(&session, detail),
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
    let cookies = visit.cookies_of_changed(&session, is_changed);
    visit.admit(session, cookies)
}
