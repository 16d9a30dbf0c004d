//! Browser sign-in at a strict provider.

mod callback;
mod flood;
mod gate;
mod idle;
mod kept_up;
mod logout;
mod malformed;
mod recheck;
mod redemption;
mod refresh_outcomes;
mod refresh_sharing;
mod secrecy;
mod session_cookie;
mod session_store;
mod settings;
mod start;
mod store;
mod tabs;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use portcullis::SsoLayer;
use portcullis::gate::{Authenticator, Gate, Identity, RefusalKind, RefusalReason};
use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, PublicUrl};
use tower::service_fn;

use crate::support::browser::Browser;
use crate::support::clock::StandingClock;
use crate::support::fake_sso::FakeSso;
use crate::support::memory_sessions::MemorySessions;
use crate::support::{Answer, send};

/// The site whose callback is registered with the provider.
pub(crate) const ORIGIN: &str = "https://files.example.com";

pub(crate) const KEY: &str = "a secret of the gateway, of more than thirty-two bytes";

/// A provider, a store and a clock.
pub(crate) struct Fixture {
    pub(crate) clock: StandingClock,
    pub(crate) provider: Arc<FakeSso>,
    pub(crate) store: MemorySessions,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let clock = StandingClock::new();
        Self {
            provider: FakeSso::openid(clock.clone()),
            store: MemorySessions::new(clock.clone()),
            clock,
        }
    }

    /// The same with a plain OAuth 2.0 server.
    pub(crate) fn oauth2() -> Self {
        let fixture = Self::new();
        Self {
            provider: FakeSso::oauth2(fixture.clock.clone()),
            ..fixture
        }
    }

    /// Sessions are sealed in their cookies.
    pub(crate) fn layer(&self) -> SsoLayer {
        self.layer_at(PublicUrl::new(ORIGIN).unwrap())
    }

    pub(crate) fn layer_at(&self, public_url: PublicUrl) -> SsoLayer {
        let keys = CookieKeys::new(KEY).unwrap();
        let provider = self.provider.provider();
        let everyone = AllowList::everyone();
        let layer = SsoLayer::new("files", provider, public_url, keys, everyone).unwrap();
        layer.with_clock(self.clock.clone())
    }

    /// Sessions are in the store.
    pub(crate) fn stored_layer(&self) -> SsoLayer {
        self.layer().with_session_store(self.store.clone())
    }

    /// A browser in front of [`files`] behind this method.
    pub(crate) fn browser(&self, method: impl Authenticator) -> Browser {
        let site = Gate::new(service_fn(files), Arc::new(method));
        Browser::new(ORIGIN, site, &self.provider, &self.clock)
    }
}

/// The guarded service. It answers with the subject, the target and the cookies of the request.
pub(crate) async fn files(request: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
    let who = request.extensions().get::<Identity>();
    let who = who.map_or("nobody", Identity::subject);
    let cookies = request.headers().get("cookie");
    let cookies = cookies.map_or("", |cookies| cookies.to_str().unwrap());
    let told = format!("{who} {} {cookies}", request.uri());
    Ok(Response::new(Full::from(told.trim_end().to_owned())))
}

/// Sends one request through a method to [`files`].
pub(crate) async fn ask(method: &(impl Authenticator + Clone), request: Request<Body>) -> Answer {
    send(Gate::new(service_fn(files), method.clone()), request).await
}

/// The fields of a browser's navigation.
pub(crate) const NAVIGATION: [(&str, &str); 4] = [
    ("host", "files.example.com"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("accept", "text/html"),
];

/// Why a request was refused, with the causes.
pub(crate) fn reason(answer: &Answer) -> (RefusalKind, String) {
    let reason = answer.extensions.get::<RefusalReason>().unwrap();
    let mut told = reason.to_string();
    let mut source = std::error::Error::source(reason);
    while let Some(error) = source {
        told.push_str(": ");
        told.push_str(&error.to_string());
        source = error.source();
    }
    (reason.kind(), told)
}
