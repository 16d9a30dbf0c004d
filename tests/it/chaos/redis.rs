//! Redis is out of order: nobody is admitted wrongly, and no session is lost.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use portcullis::SsoLayer;
use portcullis::session::RedisSessions;
use serde_json::json;

use crate::sso::{Fixture, NAVIGATION, ask};
use crate::support::browser::Browser;
use crate::support::fake_redis::FakeRedis;
use crate::support::fault_proxy::{Exchange, FaultProxy, Spoil, Step};
use crate::support::{Answer, get};

/// Two people with sessions in Redis, behind a relay.
struct Desk {
    relay: FaultProxy,
    layer: SsoLayer,
    fixture: Fixture,
    people: [(&'static str, Browser); 2],
    _redis: FakeRedis,
}

impl Desk {
    async fn new() -> Self {
        let fixture = Fixture::new();
        let redis = FakeRedis::start(fixture.clock.clone()).await;
        let relay = FaultProxy::of_redis(redis.address).await;
        let sessions = RedisSessions::new(format!("redis://{}", relay.address)).unwrap();
        let sessions = sessions.with_timeout(Duration::from_secs(2)).unwrap();
        let layer = fixture.layer().with_session_store(sessions);
        let mut people = ["ana", "bo"].map(|name| (name, fixture.browser(layer.clone())));
        for (name, browser) in &mut people {
            fixture.provider.switches().user = json!({ "sub": name });
            assert_eq!(browser.open("/").await.status(), 200);
        }
        Self {
            relay,
            layer,
            fixture,
            people,
            _redis: redis,
        }
    }

    /// Both people ask at once, several times. Returns the answers, by who asked.
    async fn answers(&self) -> Vec<(&'static str, Answer)> {
        let asked = self.people.iter().cycle().take(12);
        let asked = asked.map(|(name, browser)| async move {
            let cookies = browser.cookie_header();
            let mut headers = NAVIGATION.to_vec();
            headers.push(("cookie", &cookies));
            (*name, ask(&self.layer, get("/x", &headers)).await)
        });
        join_all(asked).await
    }

    /// Panics if one is taken for another, loses the session or gets a wrong answer. Returns the number of
    /// those who were admitted.
    async fn ask_all(&self, fault: &str) -> usize {
        let mut admitted = 0;
        for (name, answer) in self.answers().await {
            let is_cleared = !answer.all("set-cookie").is_empty();
            assert!(!is_cleared, "{fault}, {name}: {}", answer.status);
            if answer.status == 200 {
                assert_eq!(answer.body, format!("{name} /x"), "{fault}");
                admitted += 1;
            } else {
                assert_eq!(answer.status, 503, "{fault}, {name}");
                assert_eq!(answer.header("retry-after"), Some("5"), "{fault}");
            }
        }
        admitted
    }

    /// A person signs in, and sees a page with this status.
    async fn sign_in(&self) -> u16 {
        let mut browser = self.fixture.browser(self.layer.clone());
        browser.open("/").await.status()
    }
}

fn cut(at: fn(&Exchange) -> usize, end: Step) -> Spoil {
    Arc::new(move |exchange| {
        let whole = &exchange.head;
        let at = at(exchange).min(whole.len());
        vec![Step::Send(whole[..at].to_vec()), end.clone()]
    })
}

fn says(text: &'static str) -> Spoil {
    Arc::new(move |_| vec![Step::Send(text.into())])
}

/// Each with the answer to a sign-in meanwhile.
fn faults() -> Vec<(&'static str, Spoil)> {
    let nothing = |_: &Exchange| 0;
    let half = |exchange: &Exchange| exchange.head.len() / 2;
    let most = |exchange: &Exchange| exchange.head.len() - 1;
    vec![
        ("reset before the answer", cut(nothing, Step::Reset)),
        ("reset within the answer", cut(half, Step::Reset)),
        ("closed before the answer", cut(nothing, Step::Close)),
        ("closed within the answer", cut(half, Step::Close)),
        ("closed before the last byte", cut(most, Step::Close)),
        ("stalled before the answer", cut(nothing, Step::Stall)),
        ("stalled within the answer", cut(half, Step::Stall)),
        ("stalled before the last byte", cut(most, Step::Stall)),
        (
            "loading",
            says("-LOADING Redis is loading the dataset in memory\r\n"),
        ),
        (
            "read only",
            says("-READONLY You can't write against a read only replica.\r\n"),
        ),
        ("out of memory", says("-OOM command not allowed\r\n")),
        (
            "needs a password",
            says("-NOAUTH Authentication required.\r\n"),
        ),
        ("garbage", says("garbage\r\n")),
        ("zeros", says("\0\0\0\0\0\0\0\0")),
        ("HTTP", says("HTTP/1.1 400 Bad Request\r\n\r\n")),
        ("an answer of huge length", says("$99999999999\r\n")),
        ("an answer to another command", says(":1\r\n")),
        ("a list of answers", says("*1\r\n+OK\r\n")),
    ]
}

#[tokio::test]
async fn redis_faults_cost_no_session() {
    let cells = faults().into_iter().map(|(name, spoil)| async move {
        let desk = Desk::new().await;
        assert_eq!(desk.ask_all(name).await, 12);
        desk.relay.spoil(Some(spoil));
        assert_eq!(desk.ask_all(name).await, 0, "{name}");
        assert_eq!(desk.sign_in().await, 503, "{name}");
        desk.relay.spoil(None);
        assert_eq!(desk.ask_all(name).await, 12, "{name}, afterwards");
        assert_eq!(desk.sign_in().await, 200, "{name}, afterwards");
        assert_eq!(desk.relay.live(), 1, "{name}");
        drop(desk.layer);
        drop(desk.people);
        desk.relay.until_live(0).await;
    });
    stream::iter(cells)
        .buffer_unordered(6)
        .collect::<()>()
        .await;
}

/// One answer too many, which a client could take for that to the next command.
#[tokio::test]
async fn no_session_is_taken_for_another() {
    let desk = Desk::new().await;
    for name in ["twice", "twice, in one piece"] {
        let is_one = name != "twice";
        desk.relay.spoil(Some(Arc::new(move |exchange| {
            let answer = exchange.head.clone();
            if is_one {
                vec![Step::Send(answer.repeat(2))]
            } else {
                vec![Step::Send(answer.clone()), Step::Send(answer)]
            }
        })));
        for _ in 0..5 {
            for (person, answer) in desk.answers().await {
                // A value that is another's cannot be opened, so that its session counts as lost.
                let is_own = answer.body == format!("{person} /x");
                assert!(answer.status != 200 || is_own, "{name}: {}", answer.body);
            }
        }
        desk.relay.spoil(None);
        assert_eq!(desk.ask_all(name).await, 12, "{name}, afterwards");
    }
}

#[tokio::test]
async fn redis_is_killed_and_restarted() {
    let desk = Desk::new().await;
    for _ in 0..3 {
        assert_eq!(desk.ask_all("up").await, 12);
        desk.relay.go_down().await;
        assert_eq!(desk.ask_all("down").await, 0);
        assert_eq!(desk.sign_in().await, 503);
        desk.relay.go_up().await;
        assert_eq!(desk.ask_all("up again").await, 12);
        assert_eq!(desk.sign_in().await, 200);
    }
}

/// The longest time that a request waits for a Redis that does not answer: it connects, and asks.
#[tokio::test]
async fn a_stalled_redis_delays_no_request_for_long() {
    let desk = Desk::new().await;
    desk.relay.spoil(Some(cut(|_| 0, Step::Stall)));
    let asked = tokio::time::timeout(Duration::from_secs(10), desk.ask_all("stalled"));
    assert_eq!(asked.await.expect("they wait for one another"), 0);
}
