//! The identity provider is out of order: who has signed in stays signed in, and others see a page that
//! says when to come back.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use portcullis::SsoLayer;
use portcullis::jwt::KeySource;
use portcullis::jwt::jwks::JwksKeys;
use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, PublicUrl};

use crate::sso::{Fixture, KEY, NAVIGATION, ORIGIN, ask};
use crate::support::fake_provider::{Answer, FakeProvider};
use crate::support::fault_proxy::{Exchange, FaultProxy, Spoil, Step};
use crate::support::get;
use crate::support::server::Server;

/// Longer than any pause after a failure.
const LATER: Duration = Duration::from_mins(2);

/// A site whose provider is behind a relay.
struct Desk {
    fixture: Fixture,
    relay: FaultProxy,
    _provider: Server,
}

impl Desk {
    async fn new() -> Self {
        let fixture = Fixture::new();
        let provider = fixture.provider.serve().await;
        let relay = FaultProxy::start(provider.address).await;
        fixture.provider.is_known_as(&relay.url());
        Self {
            fixture,
            relay,
            _provider: provider,
        }
    }

    fn layer(&self) -> SsoLayer {
        let provider = self.fixture.provider.provider_over_sockets();
        let provider = provider
            .with_clock(self.fixture.clock.clone())
            .with_timeout(Duration::from_secs(3));
        let url = PublicUrl::new(ORIGIN).unwrap();
        let keys = CookieKeys::new(KEY).unwrap();
        let layer = SsoLayer::new("files", provider, url, keys, AllowList::everyone()).unwrap();
        layer.with_clock(self.fixture.clock.clone())
    }

    /// The answer at the end of a sign-in.
    async fn sign_in(&self, layer: &SsoLayer) -> (u16, Option<String>) {
        let mut browser = self.fixture.browser(layer.clone());
        let visit = browser.open("/").await;
        let answer = visit.answer.as_ref().unwrap();
        (
            visit.status(),
            answer.header("retry-after").map(str::to_owned),
        )
    }
}

fn cut(at: fn(&Exchange) -> usize, end: Step) -> Spoil {
    Arc::new(move |exchange| {
        let whole = exchange.whole();
        let at = at(exchange).min(whole.len());
        vec![Step::Send(whole[..at].to_vec()), end.clone()]
    })
}

fn says(line: &'static str, body: &'static str) -> Spoil {
    Arc::new(move |_| {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {line}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        vec![Step::Send((head + body).into_bytes())]
    })
}

fn faults() -> Vec<(&'static str, Spoil)> {
    let in_head = |exchange: &Exchange| exchange.head.len() - 6;
    let in_body = |exchange: &Exchange| exchange.head.len() + exchange.body.len() / 2;
    let html = "<html>Maintenance</html>";
    vec![
        ("reset at once", cut(|_| 0, Step::Reset)),
        ("reset within the head", cut(in_head, Step::Reset)),
        ("reset within the body", cut(in_body, Step::Reset)),
        ("closed at once", cut(|_| 0, Step::Close)),
        ("closed within the head", cut(in_head, Step::Close)),
        ("closed within the body", cut(in_body, Step::Close)),
        ("stalled at once", cut(|_| 0, Step::Stall)),
        ("stalled within the head", cut(in_head, Step::Stall)),
        ("stalled within the body", cut(in_body, Step::Stall)),
        ("500", says("500 Internal Server Error", html)),
        ("502", says("502 Bad Gateway", html)),
        ("503", says("503 Service Unavailable", "")),
        ("429", says("429 Too Many Requests", "{}")),
        ("HTML", says("200 OK", html)),
        ("nothing", says("200 OK", "")),
        ("half of a JSON", says("200 OK", "{\"access_token\": \"a")),
        ("another JSON", says("200 OK", "[]")),
        (
            "a redirect",
            says("302 Found\r\nlocation: http://portal.example/", html),
        ),
        (
            "garbage",
            Arc::new(|_| vec![Step::Send("garbage\r\n\r\n".into()), Step::Close]),
        ),
        (
            "endless",
            Arc::new(|_| {
                let head = "HTTP/1.1 200 OK\r\n\r\n".to_owned();
                vec![
                    Step::Send((head + &" ".repeat(300 * 1024)).into_bytes()),
                    Step::Stall,
                ]
            }),
        ),
        // A body of one byte each 100 ms is late before it is whole.
        (
            "in a trickle",
            Arc::new(|exchange| {
                let mut steps = vec![Step::Send(exchange.head.clone())];
                for byte in &exchange.body {
                    steps.extend([
                        Step::Send(vec![*byte]),
                        Step::Pause(Duration::from_millis(100)),
                    ]);
                }
                steps
            }),
        ),
    ]
}

/// The faults whose answers are whole, and no answers of a token endpoint.
const MALFORMED: [&str; 4] = ["HTML", "nothing", "half of a JSON", "another JSON"];

/// Spoils only the answers of one path.
fn at(path: &'static str, spoil: Spoil) -> Spoil {
    Arc::new(move |exchange| {
        let is_there = exchange.line.split(' ').nth(1) == Some(path);
        if is_there {
            spoil(exchange)
        } else {
            vec![Step::Send(exchange.whole())]
        }
    })
}

#[tokio::test]
async fn provider_faults_end_no_session() {
    let paths = ["/.well-known/openid-configuration", "/token", "/keys"];
    let mut cells = Vec::new();
    for (name, spoil) in faults() {
        cells.extend(paths.map(|path| (name, path, at(path, spoil.clone()))));
    }
    let cells = cells.into_iter().map(|(name, path, spoil)| async move {
        let desk = Desk::new().await;
        let mut signed_in = desk.fixture.browser(desk.layer());
        assert_eq!(signed_in.open("/").await.status(), 200, "{name} at {path}");

        // A gateway that knows nothing of the provider yet.
        let layer = desk.layer();
        desk.relay.spoil(Some(spoil));
        let (status, wait) = desk.sign_in(&layer).await;
        // What cannot be read as an answer to a code will not be better in a moment.
        let is_malformed = path == "/token" && MALFORMED.contains(&name);
        let expected = if is_malformed { 403 } else { 503 };
        assert_eq!(status, expected, "{name} at {path}");
        assert_eq!(wait.is_some(), !is_malformed, "{name} at {path}");
        assert_eq!(signed_in.open("/").await.status(), 200, "{name} at {path}");
        let cookies = signed_in.cookie_header();
        let mut headers = NAVIGATION.to_vec();
        headers.push(("cookie", &cookies));
        let answer = ask(&layer, get("/x", &headers)).await;
        assert_eq!(answer.status, 200, "{name} at {path}");

        desk.relay.spoil(None);
        desk.fixture.clock.advance(LATER);
        assert_eq!(desk.sign_in(&layer).await.0, 200, "{name} at {path}");
        desk.relay.until_live(0).await;
    });
    stream::iter(cells)
        .buffer_unordered(8)
        .collect::<()>()
        .await;
}

#[tokio::test]
async fn a_provider_that_is_down_ends_no_session() {
    let desk = Desk::new().await;
    let layer = desk.layer();
    let mut signed_in = desk.fixture.browser(layer.clone());
    for _ in 0..3 {
        assert_eq!(signed_in.open("/").await.status(), 200);
        desk.relay.go_down().await;
        assert_eq!(desk.sign_in(&desk.layer()).await.0, 503);
        assert_eq!(signed_in.open("/").await.status(), 200);
        desk.relay.go_up().await;
        assert_eq!(desk.sign_in(&layer).await.0, 200);
    }
}

#[tokio::test]
async fn fetched_keys_outlast_every_fault() {
    let provider = FakeProvider::new();
    provider.publish("/keys", Answer::keys(&["a"]));
    let server = provider.serve().await;
    let cells = faults().into_iter().map(|(name, spoil)| {
        let address = server.address;
        async move {
            let relay = FaultProxy::start(address).await;
            let keys = JwksKeys::new(&format!("{}/keys", relay.url())).unwrap();
            let keys = keys.with_timeout(Duration::from_secs(3));
            keys.fetch().await.unwrap();
            relay.spoil(Some(spoil));
            keys.fetch().await.unwrap_err();
            assert_eq!(keys.keys().map(|keys| keys.len()), Some(1), "{name}");
            relay.spoil(None);
            keys.fetch().await.unwrap();
            relay.go_down().await;
            keys.fetch().await.unwrap_err();
            assert_eq!(keys.keys().map(|keys| keys.len()), Some(1), "{name}");
            relay.go_up().await;
            keys.fetch().await.unwrap();
            relay.until_live(0).await;
        }
    });
    stream::iter(cells)
        .buffer_unordered(8)
        .collect::<()>()
        .await;
}
