use http::HeaderValue;
use http::header::{RETRY_AFTER, SET_COOKIE};
use http::request::Parts;

use super::answer::Failure;
use super::config::Config;
use super::page::{Page, PageKind};
use super::seconds::Seconds;
use super::session::{ProviderTokens, Session};
use super::ticket::{Ticket, are_too_many};
use super::trouble::Trouble;
use crate::gate::{Admission, CROSS_SITE, Refusal, Verdict, is_safe, is_same_origin};
use crate::session::TooLarge;

/// A request with a session, and the time at which it is judged.
pub(super) struct Visit<'a> {
    pub(super) config: &'a Config,
    pub(super) head: &'a Parts,
    pub(super) now: Seconds,
}

impl<'a> Visit<'a> {
    pub(super) fn new(config: &'a Config, head: &'a Parts) -> Self {
        let now = Seconds::of(config.clock.now());
        Self { config, head, now }
    }

    pub(super) fn has_ended(&self, session: &Session) -> bool {
        let (lifetime, idle) = (self.config.lifetime, self.config.idle_lifetime);
        session.has_ended(self.now, lifetime, idle)
    }

    /// The `Set-Cookie` lines of a session in the store.
    pub(super) fn cookies_of_ticket(
        &self,
        session: &Session,
    ) -> Result<Vec<HeaderValue>, TooLarge> {
        self.sealed(&Ticket::of(session).to_bytes(), session)
    }

    /// The `Set-Cookie` lines of a session that is sealed in its cookies.
    pub(super) fn cookies_of(&self, session: &Session) -> Result<Vec<HeaderValue>, TooLarge> {
        let cookies = self.sealed(&session.to_bytes(), session);
        cookies.or_else(|TooLarge| {
            // Without the hint, the provider asks at the sign-out who wants to sign out.
            let without_hint = Session {
                tokens: ProviderTokens {
                    id: None,
                    ..session.tokens.clone()
                },
                ..session.clone()
            };
            self.sealed(&without_hint.to_bytes(), session)
        })
    }

    fn sealed(&self, plain: &[u8], session: &Session) -> Result<Vec<HeaderValue>, TooLarge> {
        let sealer = &self.config.session_sealer;
        let value = sealer.seal(plain, &self.config.binding);
        let max_age = session.started.plus(self.config.lifetime).since(self.now);
        let cookie = &self.config.cookie;
        cookie.set(&value, max_age, self.is_https(), self.head)
    }

    /// The `Set-Cookie` lines of a changed session. If it has grown too large for them, the browser keeps
    /// the old one.
    pub(super) fn cookies_of_changed(
        &self,
        session: &Session,
        is_changed: bool,
    ) -> Vec<HeaderValue> {
        if is_changed && self.config.store.is_none() {
            self.cookies_of(session).unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// The `Set-Cookie` lines that remove the session cookie.
    pub(super) fn clearing_cookies(&self) -> Vec<HeaderValue> {
        self.config.cookie.clear(self.is_https(), self.head)
    }

    pub(super) fn is_https(&self) -> bool {
        let origin = self.config.public_url.origin(self.head);
        origin.is_some_and(|origin| origin.is_https())
    }

    /// Whether the cookie may authorise the request. The gate does not know the site's scheme and host, and
    /// compares `Origin` with `Host` only.
    fn is_of_this_site(&self) -> bool {
        is_safe(&self.head.method) || {
            let site = self.config.public_url.origin(self.head);
            is_same_origin(self.head, site.map(|site| site.to_string()).as_deref())
        }
    }

    /// Admits the person if still on the allow-list.
    pub(super) fn admit(&self, session: Session, cookies: Vec<HeaderValue>) -> Verdict {
        if !self.is_of_this_site() {
            return refuse(Refusal::forbidden(CROSS_SITE), cookies);
        }
        let refusal = self
            .config
            .allowed
            .refusal(&session.claims, &session.scopes);
        if let Some(detail) = refusal {
            return self.fail(Failure::not_allowed(detail, None), cookies);
        }
        let identity = session.into_identity(self.config.lifetime);
        let mut admission = Admission::new(identity).with_private_answer();
        if !cookies.is_empty() {
            let cookies = cookies.into_iter().map(|cookie| (SET_COOKIE, cookie));
            admission = admission.with_response_headers(cookies.collect());
        }
        Verdict::Admit(admission)
    }

    /// There is no session, or it has ended.
    pub(super) fn missing(&self) -> Verdict {
        refuse(Refusal::missing(), self.clearing_cookies())
    }

    /// The request has several session cookies. Another sign-in would only add one more, and lead back
    /// here.
    pub(super) fn ambiguous(&self) -> Verdict {
        let failure = Failure::expired("the session cookie occurs more than once");
        let return_to = self.config.return_path(&self.head.uri);
        self.fail(failure.with_return_to(&return_to), self.clearing_cookies())
    }

    /// The provider has ended the session.
    pub(super) fn over(&self, session: &Session, detail: &'static str) -> Verdict {
        self.refused(session, detail, self.clearing_cookies())
    }

    /// The provider refuses the tokens of this cookie. The browser keeps it: it may be a newer one by now.
    pub(super) fn outdated(&self, session: &Session, detail: &'static str) -> Verdict {
        self.refused(session, detail, Vec::new())
    }

    fn refused(
        &self,
        session: &Session,
        detail: &'static str,
        cookies: Vec<HeaderValue>,
    ) -> Verdict {
        if !are_too_many(session.lost_at(self.now)) {
            return refuse(Refusal::missing(), cookies);
        }
        let failure = Failure::new(Page::new(PageKind::Failed), &Refusal::forbidden(detail));
        self.fail(failure, cookies)
    }

    /// The session cannot be checked now.
    pub(super) fn unavailable(&self, trouble: Trouble, cookies: Vec<HeaderValue>) -> Verdict {
        let is_soon_over = matches!(trouble, Trouble::Busy);
        let mut verdict = self.fail(Failure::of_trouble(trouble), cookies);
        if let Verdict::Answer(response) = &mut verdict
            // A replacement page may have no such field.
            && let Some(retry_after) = response.headers_mut().get_mut(RETRY_AFTER)
            && is_soon_over
        {
            *retry_after = HeaderValue::from_static("1");
        }
        verdict
    }

    fn fail(&self, failure: Failure, cookies: Vec<HeaderValue>) -> Verdict {
        let failure = cookies.into_iter().fold(failure, Failure::with_cookie);
        Verdict::Answer(Box::new(failure.response(&self.config.pages)))
    }
}

fn refuse(refusal: Refusal, cookies: Vec<HeaderValue>) -> Verdict {
    let with = |refusal: Refusal, cookie| refusal.with_header(SET_COOKIE, cookie);
    Verdict::Refuse(cookies.into_iter().fold(refusal, with))
}
