//! What the tests of refreshes, rechecks and idle sessions share: a browser that has signed in, and
//! what becomes of its next request.

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

/// Where the refresh token is redeemed, and the access token shown.
pub(crate) const TOKEN: &str = "/token";
pub(crate) const USER: &str = "/api/v1/user/me/";

/// A browser with a session of a layer.
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

    /// Its session is in its cookie, and due for a refresh after 240 seconds of 300.
    pub(crate) async fn sealed() -> Self {
        let fixture = Fixture::new();
        let layer = fixture.layer();
        Self::new(fixture, layer).await
    }

    /// The same in a store.
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

    /// Asks for a page by the browser, which keeps the cookies of the answer and goes nowhere else.
    pub(crate) async fn look(&mut self) -> Answer {
        self.browser.send("GET", "/x", &NAVIGATION[1..]).await
    }

    /// The same with cookies that were set at some time.
    pub(crate) async fn look_with(&self, cookies: &str) -> Answer {
        look_through(&self.layer, cookies).await
    }

    /// How often this path has been asked for since this was last called.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let paths = self.fixture.provider.asked_paths();
        paths.iter().filter(|asked| *asked == path).count()
    }
}

/// The provider with these endpoints, and everyone in it.
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

/// What became of a request: its status, what happened to the session's cookie, when to come again, and
/// why it was not let in.
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
