//! A refresh token is valid once: which of several requests uses it.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use portcullis::session::{SessionStore, SessionStoreError, SessionStoreErrorKind, StoreFuture};

use super::Fixture;
use super::kept_up::{Desk, TOKEN, look_through, told};
use crate::support::fake_provider::Answer;
use crate::support::memory_sessions::{MemorySessions, Mood};

/// Lets the other tasks run until they wait for something.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

/// The key of the store's one session, for another kind of value.
fn key(desk: &Desk, kind: &str) -> String {
    let keys = desk.fixture.store.keys();
    let key = keys.iter().find_map(|key| key.strip_prefix("session/"));
    format!("{kind}/{}", key.expect("there is a session"))
}

#[tokio::test]
async fn thirty_requests_at_once_refresh_once() {
    for desk in [Desk::sealed().await, Desk::stored().await] {
        desk.pass(300);
        let cookies = desk.browser.cookie_header();
        let answers = join_all((0..30).map(|_| desk.look_with(&cookies))).await;
        assert_eq!(desk.asked(TOKEN), 1);
        for answer in &answers {
            assert_eq!(answer.status, 200);
        }
        // A request that was sent before the answer came gets the same outcome a while later.
        desk.pass(29);
        assert_eq!(desk.look_with(&cookies).await.status, 200);
        assert_eq!(desk.asked(TOKEN), 0);
    }
}

#[tokio::test]
async fn a_late_old_cookie_removes_no_newer_one() {
    let mut desk = Desk::sealed().await;
    let old = desk.browser.cookie_header();
    desk.pass(240);
    assert_eq!(told(&desk.look().await), "200, cookie set");
    desk.pass(30);
    // To this provider it looks like a stolen token (RFC 9700 section 4.14.2), which ends the sign-in once
    // the access token has expired.
    assert_eq!(told(&desk.look_with(&old).await), "200, cookie kept");
    desk.pass(30);
    assert_eq!(told(&desk.look_with(&old).await), "302, cookie kept");
    assert_eq!(told(&desk.look().await), "200, cookie kept");
    desk.pass(240);
    assert_eq!(told(&desk.look().await), "302, cookie kept");
}

/// Twenty requests with one cookie, in turn at two gateways that share nothing but their keys.
async fn twenty_at_two_gateways(desk: &mut Desk) -> Vec<String> {
    let other = desk.fixture.layer();
    let cookies = desk.browser.cookie_header();
    let first = join_all((0..10).map(|_| desk.look_with(&cookies)));
    let second = join_all((0..10).map(|_| look_through(&other, &cookies)));
    let (first, second) = tokio::join!(first, second);
    let answers: Vec<_> = first.iter().chain(&second).collect();
    // The renewed cookie may arrive first, in between, or last.
    for answer in &answers {
        desk.browser.take(answer);
    }
    for answer in answers.iter().rev() {
        desk.browser.take(answer);
    }
    answers.into_iter().map(told).collect()
}

#[tokio::test]
async fn two_gateways_without_a_store_lose_no_session() {
    for (seconds, refused) in [(240, "200, cookie kept"), (300, "302, cookie kept")] {
        let mut desk = Desk::sealed().await;
        desk.fixture.provider.switches().keeps_replayed_sign_ins = true;
        desk.pass(seconds);
        let told_by_all = twenty_at_two_gateways(&mut desk).await;
        let count = |outcome: &str| told_by_all.iter().filter(|told| *told == outcome).count();
        assert_eq!(count("200, cookie set"), 10, "{told_by_all:?}");
        assert_eq!(count(refused), 10, "{told_by_all:?}");
        assert_eq!(desk.asked(TOKEN), 2, "one for each gateway");
        // The browser has the renewed session, at both gateways and at the next refresh.
        let other = desk.fixture.layer();
        for pass in [0, 240] {
            desk.pass(pass);
            let answer = look_through(&other, &desk.browser.cookie_header()).await;
            assert_eq!(answer.status, 200, "{seconds}, {pass}");
            desk.browser.take(&answer);
            assert_eq!(desk.look().await.status, 200, "{seconds}, {pass}");
        }
    }
}

#[tokio::test]
async fn an_outdated_session_in_use_sets_no_cookie() {
    let fixture = Fixture::new();
    let layer = fixture.layer();
    let layer = layer.with_idle_lifetime(Duration::from_mins(10)).unwrap();
    let mut desk = Desk::new(fixture, layer).await;
    let old = desk.browser.cookie_header();
    desk.pass(240);
    assert_eq!(told(&desk.look().await), "200, cookie set");
    desk.pass(31);
    // Its last request is to be recorded, but not in place of the newer tokens.
    assert_eq!(told(&desk.look_with(&old).await), "200, cookie kept");
}

#[tokio::test]
async fn an_abandoned_refresh_is_not_lost() {
    for desk in [Desk::sealed().await, Desk::stored().await] {
        desk.pass(300);
        let cookies = desk.browser.cookie_header();
        desk.fixture.provider.hold(true);
        {
            let mut given_up = Box::pin(desk.look_with(&cookies));
            assert!((&mut given_up).now_or_never().is_none());
        }
        desk.fixture.provider.hold(false);
        settle().await;
        assert_eq!(desk.look_with(&cookies).await.status, 200);
        assert_eq!(desk.asked(TOKEN), 1);
    }
}

#[tokio::test]
async fn two_gateways_with_one_store_refresh_once() {
    let desk = Desk::stored().await;
    let other = desk.fixture.stored_layer();
    let cookies = desk.browser.cookie_header();
    desk.pass(240);
    let (one, two) = tokio::join!(desk.look_with(&cookies), look_through(&other, &cookies));
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
    assert_eq!(desk.asked(TOKEN), 1);
    desk.pass(240);
    assert_eq!(
        look_through(&other, &cookies).await.status,
        200,
        "with the new token"
    );
    assert_eq!(desk.asked(TOKEN), 1);
    let locks: Vec<_> = desk.fixture.store.keys();
    assert!(
        !locks.iter().any(|key| key.starts_with("lock/")),
        "{locks:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_old_token_serves_while_another_gateway_refreshes() {
    let busy = "503, cookie kept, again in 1 s: the session cannot be checked now: \
                another gateway is renewing the session";
    for (seconds, expected) in [
        (240, "200, cookie kept"),
        (299, "200, cookie kept"),
        (300, busy),
    ] {
        let desk = Desk::stored().await;
        let cookies = desk.browser.cookie_header();
        desk.pass(seconds);
        let lock = key(&desk, "lock");
        let store = &desk.fixture.store;
        let locked = store.try_lock(&lock, Duration::from_mins(1));
        assert!(locked.await.unwrap());
        let began = tokio::time::Instant::now();
        assert_eq!(told(&desk.look_with(&cookies).await), expected, "{seconds}");
        assert!(began.elapsed() <= Duration::from_secs(3), "{seconds}");
        assert_eq!(desk.asked(TOKEN), 0, "{seconds}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiting_request_takes_another_gateways_tokens() {
    let desk = Desk::stored().await;
    let other = desk.fixture.stored_layer();
    let cookies = desk.browser.cookie_header();
    desk.pass(300);
    desk.fixture.provider.hold(true);
    let mut one = Box::pin(desk.look_with(&cookies));
    assert!((&mut one).now_or_never().is_none(), "it asks the provider");
    settle().await;
    let mut two = Box::pin(look_through(&other, &cookies));
    assert!((&mut two).now_or_never().is_none(), "it waits");
    tokio::time::advance(Duration::from_secs(1)).await;
    settle().await;
    desk.fixture.provider.hold(false);
    let (one, two) = tokio::join!(one, two);
    assert_eq!(
        (told(&one).as_str(), told(&two).as_str()),
        ("200, cookie kept", "200, cookie kept")
    );
    assert_eq!(desk.asked(TOKEN), 1);
}

#[tokio::test(start_paused = true)]
async fn saved_tokens_count_despite_a_held_lock() {
    let desk = Desk::stored().await;
    let other = desk.fixture.stored_layer();
    let cookies = desk.browser.cookie_header();
    desk.pass(300);
    let (store, lock) = (&desk.fixture.store, key(&desk, "lock"));
    let minute = Duration::from_mins(1);
    assert!(store.try_lock(&lock, minute).await.unwrap());
    let mut waiting = Box::pin(desk.look_with(&cookies));
    assert!((&mut waiting).now_or_never().is_none());
    settle().await;
    store.delete(&lock).await.unwrap();
    assert_eq!(look_through(&other, &cookies).await.status, 200);
    assert!(store.try_lock(&lock, minute).await.unwrap());
    assert_eq!(told(&waiting.await), "200, cookie kept");
    assert_eq!(desk.asked(TOKEN), 1);
}

/// A store that runs an action before the first lock, and loses the first sessions that it saves.
#[derive(Clone)]
struct Eventful {
    store: MemorySessions,
    before_lock: Arc<Mutex<Option<BoxFuture<'static, ()>>>>,
    losses: Arc<AtomicUsize>,
}

impl Eventful {
    fn new(desk: &Desk, before_lock: Option<BoxFuture<'static, ()>>, losses: usize) -> Self {
        Self {
            store: desk.fixture.store.clone(),
            before_lock: Arc::new(Mutex::new(before_lock)),
            losses: Arc::new(AtomicUsize::new(losses)),
        }
    }
}

impl fmt::Debug for Eventful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Eventful")
    }
}

impl SessionStore for Eventful {
    fn load(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.store.load(key)
    }

    fn save(&self, key: &str, value: Vec<u8>, ttl: Duration) -> StoreFuture<'_, ()> {
        let lose = |left: usize| left.checked_sub(1);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        if key.starts_with("session/") && self.losses.try_update(set, fetch, lose).is_ok() {
            let error = SessionStoreError::new(SessionStoreErrorKind::TimedOut);
            return StoreFuture::new(async { Err(error) });
        }
        self.store.save(key, value, ttl)
    }

    fn take(&self, key: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.store.take(key)
    }

    fn delete(&self, key: &str) -> StoreFuture<'_, ()> {
        self.store.delete(key)
    }

    fn try_lock(&self, key: &str, ttl: Duration) -> StoreFuture<'_, bool> {
        let event = self.before_lock.lock().unwrap().take();
        let key = key.to_owned();
        StoreFuture::new(async move {
            if let Some(event) = event {
                event.await;
            }
            self.store.try_lock(&key, ttl).await
        })
    }
}

#[tokio::test]
async fn a_late_lock_holder_takes_saved_tokens() {
    let desk = Desk::stored().await;
    let other = desk.fixture.stored_layer();
    let cookies = desk.browser.cookie_header();
    desk.pass(300);
    let same_cookies = cookies.clone();
    let first = async move {
        assert_eq!(look_through(&other, &same_cookies).await.status, 200);
    };
    let store = Eventful::new(&desk, Some(first.boxed()), 0);
    let layer = desk.fixture.layer().with_session_store(store);
    let second = look_through(&layer, &cookies).await;
    assert_eq!(told(&second), "200, cookie kept");
    assert_eq!(desk.asked(TOKEN), 1);
}

#[tokio::test]
async fn a_lost_save_is_repeated() {
    for (losses, expected) in [
        (0, "200, cookie kept"),
        (1, "200, cookie kept"),
        (2, "302, cookie removed"),
    ] {
        let desk = Desk::stored().await;
        let cookies = desk.browser.cookie_header();
        let store = Eventful::new(&desk, None, losses);
        let layer = desk.fixture.layer().with_session_store(store);
        desk.pass(240);
        assert_eq!(look_through(&layer, &cookies).await.status, 200, "{losses}");
        desk.pass(60);
        let elsewhere = look_through(&desk.fixture.stored_layer(), &cookies).await;
        assert_eq!(told(&elsewhere), expected, "{losses}");
    }
}

#[tokio::test]
async fn a_refused_request_keeps_the_new_token() {
    for (site, status) in [("same-origin", "200"), ("cross-site", "403")] {
        let mut desk = Desk::sealed().await;
        desk.pass(240);
        let headers = [("sec-fetch-site", site)];
        let answer = desk.browser.send("POST", "/x", &headers).await;
        let told = told(&answer);
        assert!(told.starts_with(&format!("{status}, cookie set")), "{told}");
        assert_eq!(desk.asked(TOKEN), 1, "{site}");
        // By then the outcome of the old one is forgotten.
        desk.pass(60);
        assert_eq!(desk.look().await.status, 200, "{site}");
        assert_eq!(desk.asked(TOKEN), 0, "{site}");
    }
}

#[tokio::test]
async fn a_signed_out_session_does_not_return() {
    let desk = Desk::stored().await;
    let cookies = desk.browser.cookie_header();
    desk.pass(240);
    desk.fixture.provider.hold(true);
    let mut refreshing = Box::pin(desk.look_with(&cookies));
    assert!((&mut refreshing).now_or_never().is_none());
    settle().await;
    let mut elsewhere = desk.fixture.browser(desk.fixture.stored_layer());
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookies.as_str()),
    ];
    let mut signing_out = Box::pin(elsewhere.send("POST", "/oauth2/logout", &headers));
    assert!(
        (&mut signing_out).now_or_never().is_none(),
        "it asks for the metadata"
    );
    desk.fixture.provider.hold(false);
    let (_, signed_out) = tokio::join!(refreshing, signing_out);
    assert_eq!(signed_out.status, 303);
    let keys = desk.fixture.store.keys();
    assert!(
        !keys.iter().any(|key| key.starts_with("session/")),
        "{keys:?}"
    );
    assert_eq!(told(&desk.look_with(&cookies).await), "302, cookie removed");
}

#[tokio::test]
async fn a_failing_store_spends_no_refresh_token() {
    let mut desk = Desk::stored().await;
    desk.pass(240);
    desk.fixture
        .store
        .be(Mood::Fails(SessionStoreErrorKind::Refused));
    let told = told(&desk.look().await);
    assert!(told.starts_with("503, cookie kept, again in 5 s"), "{told}");
    assert_eq!(desk.asked(TOKEN), 0);
    desk.fixture.store.be(Mood::Works);
    assert_eq!(desk.look().await.status, 200);
    assert_eq!(desk.asked(TOKEN), 1);
}

#[tokio::test]
async fn a_panicking_refresh_affects_its_session_only() {
    let mut desk = Desk::sealed().await;
    desk.fixture.provider.publish(TOKEN, Answer::Panics);
    desk.pass(240);
    assert_eq!(told(&desk.look().await), "200, cookie kept");
}
