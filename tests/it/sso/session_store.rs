//! Sessions that are kept in a store.

use std::time::Duration;

use portcullis::SsoLayer;
use portcullis::gate::RefusalKind;
use portcullis::session::SessionStoreErrorKind;

use super::{Fixture, NAVIGATION, ORIGIN, ask, reason};
use crate::support::browser::Browser;
use crate::support::memory_sessions::Mood;
use crate::support::{Answer, get};

async fn signed_in(fixture: &Fixture) -> Browser {
    let mut browser = fixture.browser(fixture.stored_layer());
    assert_eq!(browser.open("/").await.status(), 200);
    fixture.store.asked();
    browser
}

async fn with_cookies(layer: &SsoLayer, cookies: &str) -> Answer {
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookies));
    ask(layer, get("/x", &headers)).await
}

/// The keys of sessions.
fn sessions(fixture: &Fixture) -> Vec<String> {
    let mut keys = fixture.store.keys();
    keys.retain(|key| key.starts_with("session/"));
    keys
}

#[tokio::test]
async fn the_store_holds_the_sealed_session() {
    let fixture = Fixture::new();
    let browser = signed_in(&fixture).await;
    let [cookie] = &browser.cookies()[..] else {
        panic!("{:?}", browser.names());
    };
    assert!(cookie.value.len() < 100, "{}", cookie.value.len());
    let keys = sessions(&fixture);
    let [key] = &keys[..] else { panic!("{keys:?}") };
    let digest = key.strip_prefix("session/").unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let value = String::from_utf8(fixture.store.value(key).unwrap()).unwrap();
    for secret in ["u-1", "ana@", "s3cret", "token", &cookie.value] {
        assert!(!value.contains(secret), "{secret}");
    }

    let answer = with_cookies(&fixture.stored_layer(), &browser.cookie_header()).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (200, "u-1 /x"),
        "at another gateway"
    );
    assert_eq!(fixture.store.asked(), [format!("load {key}")]);
    // The stored value is not accepted as a cookie.
    let stolen = format!("{}={value}", cookie.name);
    for layer in [fixture.stored_layer(), fixture.layer()] {
        assert_eq!(with_cookies(&layer, &stolen).await.status, 302);
    }
}

#[tokio::test]
async fn each_sign_in_has_its_own_session() {
    let fixture = Fixture::new();
    let one = signed_in(&fixture).await;
    let mut other = one.fresh();
    other.open("/").await;
    assert_ne!(one.cookie_header(), other.cookie_header());
    assert_eq!(sessions(&fixture).len(), 2);
}

#[tokio::test]
async fn a_session_missing_in_the_store_is_removed() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let one = signed_in(&fixture).await;
    let [key] = &sessions(&fixture)[..] else {
        panic!()
    };
    let mut other = one.fresh();
    other.open("/").await;
    let keys = sessions(&fixture);
    let other_key = keys.iter().find(|other| *other != key).unwrap();
    let value = fixture.store.value(key).unwrap();
    let others = fixture.store.value(other_key).unwrap();
    let cut = value[..value.len() - 1].to_vec();
    for (name, value, status) in [
        ("as it was", value.clone(), 200),
        ("another person's", others, 302),
        ("cut off", cut, 302),
        ("not text", vec![0xff; 64], 302),
        ("empty", Vec::new(), 302),
        ("as it was, again", value, 200),
    ] {
        fixture.store.tamper(key, value);
        let answer = with_cookies(&layer, &one.cookie_header()).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        let cookies = answer.all("set-cookie");
        let is_cleared = cookies
            .contains(&"__Host-portcullis=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax");
        assert_eq!(is_cleared, status == 302, "{name}");
    }
    fixture.store.flush();
    assert_eq!(
        with_cookies(&layer, &one.cookie_header()).await.status,
        302,
        "flushed"
    );
}

#[tokio::test]
async fn the_store_forgets_a_session_when_it_ends() {
    let fixture = Fixture::new();
    fixture.provider.switches().has_refresh_tokens = false;
    signed_in(&fixture).await;
    fixture.clock.advance(Duration::from_secs(9 * 3600 - 1));
    assert_eq!(sessions(&fixture).len(), 1);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(sessions(&fixture).len(), 0);
}

#[tokio::test]
async fn a_failing_store_is_answered_with_503() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let browser = signed_in(&fixture).await;
    for kind in [
        SessionStoreErrorKind::Unreachable,
        SessionStoreErrorKind::TimedOut,
    ] {
        fixture.store.be(Mood::Fails(kind));
        let answer = with_cookies(&layer, &browser.cookie_header()).await;
        assert_eq!(answer.status, 503, "{kind:?}");
        assert_eq!(answer.header("retry-after"), Some("5"), "{kind:?}");
        assert!(answer.all("www-authenticate").is_empty(), "{kind:?}");
        assert!(
            answer.all("set-cookie").is_empty(),
            "the cookie is good still"
        );
        let (reason, told) = reason(&answer);
        assert_eq!(reason, RefusalKind::Unavailable);
        assert!(told.contains("the session store"), "{told}");
    }
    fixture.store.be(Mood::Works);
    assert_eq!(
        with_cookies(&layer, &browser.cookie_header()).await.status,
        200
    );
}

#[tokio::test]
async fn a_forged_cookie_never_reaches_the_store() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    for value in ["", "A", &"A".repeat(82), &"A".repeat(4000)] {
        let cookies = format!("__Host-portcullis={value}");
        // These requests start no sign-in, which would write to the store.
        let answer = ask(
            &layer,
            get("/x", &[("cookie", &cookies), ("accept", "text/css")]),
        )
        .await;
        assert_eq!(answer.status, 401);
    }
    assert!(fixture.store.asked().is_empty());
}

/// Signs in again, up to the answer of the callback. Returns its status.
async fn sign_in_once(browser: &mut Browser) -> u16 {
    let callback = browser.open_up_to_the_callback("/").await;
    let target = callback.strip_prefix(ORIGIN).unwrap();
    browser
        .send("GET", target, &NAVIGATION[1..])
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn lost_sessions_cause_no_loop() {
    let fixture = Fixture::new();
    let mut browser = fixture.browser(fixture.stored_layer());
    for _ in 0..3 {
        assert_eq!(sign_in_once(&mut browser).await, 302);
        fixture.store.flush();
    }
    let answer = browser.send("GET", "/x?y", &NAVIGATION[1..]).await;
    let why = "new sessions of this browser are lost repeatedly";
    assert_eq!(reason(&answer), (RefusalKind::Forbidden, why.into()));
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("href=\"/x?y\""), "{}", answer.body);
    // The cookie is removed with that page, and the next request signs in.
    assert_eq!(browser.names(), [""; 0]);
    assert_eq!(browser.open("/").await.status(), 200);
}

#[tokio::test]
async fn a_minute_old_session_is_not_lost() {
    let fixture = Fixture::new();
    let mut browser = fixture.browser(fixture.stored_layer());
    for _ in 0..5 {
        assert_eq!(sign_in_once(&mut browser).await, 302);
        fixture.clock.advance(Duration::from_mins(1));
        fixture.store.flush();
    }
    assert_eq!(browser.open("/").await.status(), 200);
}
