//! Shared by the tests of refreshes, rechecks and idle sessions: a browser that has signed in, and the
//! outcome of its next request.

use std::sync::Arc;
use std::time::Duration;

use portcullis::session::CookieKeys;
use portcullis::sso::provider::{Endpoints, Provider};
use portcullis::sso::{AllowList, PublicUrl};
use portcullis::{Secret, SsoLayer};

use super::{Fixture, KEY, NAVIGATION, ORIGIN, ask, reason};
use crate::support::browser::Browser;
use crate::support::fake_sso::{CLIENT, CLIENT_SECRET};
use crate::support::{Answer, get};

/// Where the refresh token is redeemed, and where the access token is sent.
pub(crate) const TOKEN: &str = "/token";
pub(crate) const USER: &str = "/api/v1/user/me/";

/// A browser with a session at a layer.
pub(crate) struct Desk {
    pub(crate) fixture: Fixture,
    pub(crate) layer: SsoLayer,
    pub(crate) browser: Browser,
}

impl Desk {
    pub(crate) async fn new(fixture: Fixture, layer: SsoLayer) -> Self {
        let mut browser = fixture.browser(layer.clone());
        assert_eq!(browser.open("/").await.status(), 200);
        fixture.provider.asked();
        fixture.store.asked();
        Self {
            fixture,
            layer,
            browser,
        }
    }

    /// The session is in the cookie, and due for a refresh after 240 of 300 seconds.
    pub(crate) async fn sealed() -> Self {
        let fixture = Fixture::new();
        let layer = fixture.layer();
        Self::new(fixture, layer).await
    }

    /// The same with the session in a store.
    pub(crate) async fn stored() -> Self {
        let fixture = Fixture::new();
        let layer = fixture.stored_layer();
        Self::new(fixture, layer).await
    }

    /// At a plain OAuth 2.0 server, whose user endpoint is asked again after this many seconds.
    pub(crate) async fn rechecked(grace: u64, is_stored: bool) -> Self {
        let fixture = Fixture::oauth2();
        fixture.provider.switches().has_refresh_tokens = false;
        fixture.provider.switches().lifetime = 100_000;
        let endpoints = fixture.provider.endpoints();
        let layer = layer_at(
            &fixture,
            endpoints.with_recheck_interval(Duration::from_secs(grace)),
        );
        let layer = if is_stored {
            layer.with_session_store(fixture.store.clone())
        } else {
            layer
        };
        Self::new(fixture, layer).await
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.fixture.clock.advance(Duration::from_secs(seconds));
    }

    /// Requests a page with the browser, which keeps the cookies of the answer and follows no redirect.
    pub(crate) async fn look(&mut self) -> Answer {
        self.browser.send("GET", "/x", &NAVIGATION[1..]).await
    }

    /// The same with these cookies.
    pub(crate) async fn look_with(&self, cookies: &str) -> Answer {
        look_through(&self.layer, cookies).await
    }

    /// How often this path was requested since the last call.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let paths = self.fixture.provider.asked_paths();
        paths.iter().filter(|asked| *asked == path).count()
    }
}

/// A layer for the provider with these endpoints, which admits everyone.
pub(crate) fn layer_at(fixture: &Fixture, endpoints: Endpoints) -> SsoLayer {
    let secret = Secret::from(CLIENT_SECRET);
    let provider = Provider::oauth2(endpoints, CLIENT, secret).unwrap();
    let provider = provider
        .with_scopes(["read", "write"])
        .unwrap()
        .with_client(Arc::clone(&fixture.provider))
        .with_clock(fixture.clock.clone());
    let keys = CookieKeys::new(KEY).unwrap();
    let url = PublicUrl::new(ORIGIN).unwrap();
    let layer = SsoLayer::new("files", provider, url, keys, AllowList::everyone()).unwrap();
    layer.with_clock(fixture.clock.clone())
}

pub(crate) async fn look_through(layer: &SsoLayer, cookies: &str) -> Answer {
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookies));
    ask(layer, get("/x", &headers)).await
}

/// The outcome of a request: its status, the change of the session cookie, when to retry, and the reason
/// if it was refused.
pub(crate) fn told(answer: &Answer) -> String {
    let lines = answer.all("set-cookie");
    let mut sessions = lines
        .iter()
        .filter(|line| line.starts_with("__Host-portcullis="));
    let cookie = match (sessions.next(), sessions.next()) {
        (None, _) => "kept",
        (Some(line), None) if line.contains("; Max-Age=0;") => "removed",
        (Some(_), None) => "set",
        _ => panic!("{lines:?}"),
    };
    let status = answer.status.as_u16();
    let again = answer
        .header("retry-after")
        .map(|after| format!(", again in {after} s"));
    let again = again.unwrap_or_default();
    match status {
        200 => format!("200, cookie {cookie}"),
        302 => format!("302, cookie {cookie}{again}"),
        _ => format!("{status}, cookie {cookie}{again}: {}", reason(answer).1),
    }
}
