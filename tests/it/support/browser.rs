//! A small model of a browser: a jar of cookies, and redirects that it follows.
//!
//! It is strict. It panics at a cookie that a browser would refuse or treat differently than intended, at
//! a request whose cookies are too large for a server, and at one redirect too many.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use bytes::Bytes;
use http::header::COOKIE;
use http::{Request, Response};
use portcullis::Clock;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use super::clock::StandingClock;
use super::fake_sso::FakeSso;
use super::{Answer, send};

/// The limit of many servers for a request's head.
const MOST_COOKIES: usize = 8 * 1024;

/// A sign-in takes three redirects: to the provider, back, and to the page.
const MOST_REDIRECTS: usize = 3;

/// What the names of login cookies contain.
const LOGIN: &str = "-login";

type Site = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// A browser that knows one site and one provider.
pub(crate) struct Browser {
    origin: String,
    site: Site,
    provider: Arc<FakeSso>,
    clock: StandingClock,
    /// Oldest first.
    jar: Vec<Cookie>,
    /// Cookies with this prefix are dropped at once.
    pub(crate) loses: Option<&'static str>,
    pub(crate) most_redirects: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) same_site: String,
    pub(crate) max_age: Duration,
    ends_at: SystemTime,
}

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A page that a person opens.
    Page,
    /// An image in a page of the site.
    Image,
    /// An image in a page of another site.
    ImageElsewhere,
}

/// A request and the redirects that follow.
#[derive(Debug)]
pub(crate) struct Visit {
    wants: Wants,
    url: String,
    /// The cookies of the request that is under way, as they were when it left.
    cookies: Option<String>,
    pub(crate) redirects: usize,
    has_left_the_site: bool,
    pub(crate) answer: Option<Answer>,
}

impl Visit {
    /// Where it ended.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn status(&self) -> u16 {
        self.answer.as_ref().expect("has ended").status.as_u16()
    }
}

impl Browser {
    pub(crate) fn new<S, B>(
        origin: &str,
        site: S,
        provider: &Arc<FakeSso>,
        clock: &StandingClock,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let site = site.map_response(|response: Response<B>| response.map(Body::new));
        Self {
            origin: origin.to_owned(),
            site: BoxCloneSyncService::new(site),
            provider: Arc::clone(provider),
            clock: clock.clone(),
            jar: Vec::new(),
            loses: None,
            most_redirects: MOST_REDIRECTS,
        }
    }

    /// Another browser without cookies.
    pub(crate) fn fresh(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            site: self.site.clone(),
            provider: Arc::clone(&self.provider),
            clock: self.clock.clone(),
            jar: Vec::new(),
            loses: None,
            most_redirects: MOST_REDIRECTS,
        }
    }

    /// The cookies of the site, oldest first.
    fn all_cookies(&self) -> Vec<Cookie> {
        let now = self.clock.now();
        let jar = self.jar.iter();
        jar.filter(|cookie| cookie.ends_at > now).cloned().collect()
    }

    /// The cookies of sessions, oldest first.
    pub(crate) fn cookies(&self) -> Vec<Cookie> {
        let mut cookies = self.all_cookies();
        cookies.retain(|cookie| !cookie.name.contains(LOGIN));
        cookies
    }

    /// The login cookie.
    pub(crate) fn login(&self) -> Option<Cookie> {
        let mut cookies = self.all_cookies();
        cookies.retain(|cookie| cookie.name.contains(LOGIN));
        assert!(cookies.len() <= 1, "{cookies:?}");
        cookies.pop()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.cookies()
            .into_iter()
            .map(|cookie| cookie.name)
            .collect()
    }

    /// The cookies of the session, or without a session those of a sign-in.
    pub(crate) fn cookie_header(&self) -> String {
        let mut pairs = self.cookies();
        if pairs.is_empty() {
            pairs = self.all_cookies();
        }
        let pairs: Vec<_> = pairs
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        pairs.join("; ")
    }

    pub(crate) fn forget(&mut self, prefix: &str) {
        self.jar.retain(|cookie| !cookie.name.starts_with(prefix));
    }

    /// Opens a page, and follows all redirects.
    pub(crate) async fn open(&mut self, target: &str) -> Visit {
        let mut visit = self.begin(Wants::Page, target);
        self.finish(&mut visit).await;
        visit
    }

    /// Opens a page, and stops before the callback. Returns the URL of the callback.
    pub(crate) async fn open_up_to_the_callback(&mut self, target: &str) -> String {
        let mut visit = self.begin(Wants::Page, target);
        while !visit.has_left_the_site {
            assert!(!self.step(&mut visit).await, "ends at {}", visit.url);
        }
        visit.url
    }

    pub(crate) fn begin(&self, wants: Wants, target: &str) -> Visit {
        let is_whole = target.starts_with(&self.origin);
        Visit {
            wants,
            url: if is_whole {
                target.to_owned()
            } else {
                format!("{}{target}", self.origin)
            },
            cookies: None,
            redirects: 0,
            has_left_the_site: is_whole,
            answer: None,
        }
    }

    /// Sends one request, and follows no redirect. A `cookie` in `headers` replaces the jar's.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let host = self.origin.split_once("://").unwrap().1;
        let mut request = Request::builder().method(method).uri(target);
        request = request.header("host", host);
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        if !headers.iter().any(|(name, _)| *name == "cookie") && !self.jar.is_empty() {
            request = request.header(COOKIE, self.sent(Wants::Page));
        }
        let answer = send(self.site.clone(), request.body(Body::empty()).unwrap()).await;
        self.take(&answer);
        answer
    }

    /// Keeps the cookies of an answer to a page.
    pub(crate) fn take(&mut self, answer: &Answer) {
        for line in answer.all("set-cookie") {
            self.keep(line, Wants::Page);
        }
    }

    pub(crate) async fn finish(&mut self, visit: &mut Visit) {
        while !self.step(visit).await {}
    }

    /// Takes one step: a request leaves, or its answer arrives. `true`: it was the last step.
    pub(crate) async fn step(&mut self, visit: &mut Visit) -> bool {
        let Some(cookies) = visit.cookies.take() else {
            visit.cookies = Some(self.sent(visit.wants));
            return false;
        };
        let answer = send(self.site.clone(), self.request(visit, &cookies)).await;
        for line in answer.all("set-cookie") {
            self.keep(line, visit.wants);
        }
        if !answer.status.is_redirection() {
            visit.answer = Some(answer);
            return true;
        }
        visit.redirects += 1;
        assert!(visit.redirects <= self.most_redirects, "too many redirects");
        let location = answer.header("location").expect("has a location");
        visit.url = if location.starts_with(&self.provider.issuer()) {
            visit.has_left_the_site = true;
            visit.redirects += 1;
            self.provider.authorize(location)
        } else {
            location.to_owned()
        };
        assert!(visit.url.starts_with(&self.origin), "went to {}", visit.url);
        false
    }

    fn request(&self, visit: &Visit, cookies: &str) -> Request<Body> {
        let target = &visit.url[self.origin.len()..];
        let host = self.origin.split_once("://").unwrap().1;
        let mut request = Request::get(target).header("host", host);
        // Browsers send these only to https sites and to the local machine.
        if self.is_https() {
            let site = match (visit.wants, visit.has_left_the_site) {
                (Wants::ImageElsewhere, _) | (_, true) => "cross-site",
                (Wants::Page, false) => "none",
                (Wants::Image, false) => "same-origin",
            };
            let (mode, dest) = match visit.wants {
                Wants::Page => ("navigate", "document"),
                Wants::Image | Wants::ImageElsewhere => ("no-cors", "image"),
            };
            request = request.header("sec-fetch-site", site);
            request = request.header("sec-fetch-mode", mode);
            request = request.header("sec-fetch-dest", dest);
        }
        let accept = match visit.wants {
            Wants::Page => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Wants::Image | Wants::ImageElsewhere => "image/avif,image/webp,image/png,*/*;q=0.8",
        };
        request = request.header("accept", accept);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        request.body(Body::empty()).unwrap()
    }

    fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    fn sent(&self, wants: Wants) -> String {
        let mut pairs = self.all_cookies();
        if wants == Wants::ImageElsewhere {
            pairs.retain(|cookie| cookie.same_site == "None");
        }
        let pairs: Vec<_> = pairs
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let header = pairs.join("; ");
        assert!(header.len() <= MOST_COOKIES, "{} bytes", header.len());
        header
    }

    fn keep(&mut self, line: &str, wants: Wants) {
        let now = self.clock.now();
        let cookie = read(line, self.is_https(), now);
        let place = self.jar.iter().position(|kept| kept.name == cookie.name);
        if wants == Wants::ImageElsewhere && cookie.same_site != "None" {
            return;
        }
        if self
            .loses
            .is_some_and(|prefix| cookie.name.starts_with(prefix))
        {
            return;
        }
        if cookie.max_age.is_zero() {
            assert!(cookie.value.is_empty(), "{line}");
            self.jar.retain(|kept| kept.name != cookie.name);
            return;
        }
        assert!(!cookie.value.is_empty(), "{line}");
        match place {
            // It keeps its creation time (RFC 6265 section 5.3, step 11.3).
            Some(i) => self.jar[i] = cookie,
            None => self.jar.push(cookie),
        }
    }
}

/// Reads a `Set-Cookie` line, which must be strict.
fn read(line: &str, is_https: bool, now: SystemTime) -> Cookie {
    assert!(line.len() <= 4096, "{} bytes: {line}", line.len());
    let mut parts = line.split("; ");
    let (name, value) = parts.next().unwrap().split_once('=').expect(line);
    let mut attributes = BTreeMap::new();
    for part in parts {
        let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
        assert_eq!(attributes.insert(attribute, value), None, "{line}");
    }
    assert_eq!(attributes.remove("Path"), Some("/"), "{line}");
    assert_eq!(attributes.remove("HttpOnly"), Some(""), "{line}");
    assert_eq!(attributes.remove("Secure").is_some(), is_https, "{line}");
    assert!(!name.starts_with("__Host-") || is_https, "{line}");
    let same_site = attributes.remove("SameSite").expect(line);
    assert!(
        same_site == "Lax" || same_site == "None" && is_https,
        "{line}"
    );
    let max_age = attributes.remove("Max-Age").expect(line).parse().unwrap();
    assert!(attributes.is_empty(), "{line}");
    let max_age = Duration::from_secs(max_age);
    Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        same_site: same_site.to_owned(),
        max_age,
        ends_at: now + max_age,
    }
}
