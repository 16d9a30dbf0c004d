//! Floods: nothing that a client can make grow is unbounded.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use portcullis::client_address::ClientAddress;

use super::start::page;
use super::{Fixture, NAVIGATION, ask};
use crate::support::get;

#[tokio::test]
async fn a_spent_budget_locks_nobody_out() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let layer = layer.with_recorded_sign_ins_per_network(NonZeroU32::new(5).unwrap());
    for i in 0..100 {
        assert_eq!(ask(&layer, page("/x")).await.status, 302, "{i}");
        assert_eq!(fixture.store.keys().len(), 5.min(i + 1), "{i}");
    }
    // A sign-in without a marker works as well.
    let mut browser = fixture.browser(layer.clone());
    assert_eq!(browser.open("/x").await.status(), 200);
    // The next window has markers again.
    fixture.clock.advance(Duration::from_mins(20));
    assert_eq!(ask(&layer, page("/x")).await.status, 302);
    let markers = fixture.store.keys();
    let markers = markers.iter().filter(|key| key.starts_with("login/"));
    assert_eq!(markers.count(), 1);
}

#[tokio::test]
async fn each_network_has_its_own_budget() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    let layer = layer.with_recorded_sign_ins_per_network(NonZeroU32::new(2).unwrap());
    for (name, host, markers) in [
        ("one", 1, 1),
        ("again", 1, 2),
        ("once too often", 1, 2),
        ("another", 2, 3),
        ("the first", 1, 3),
        ("another again", 2, 4),
    ] {
        let mut request = page("/x");
        let peer = SocketAddr::from(([192, 0, 2, host], 51234));
        request.extensions_mut().insert(ClientAddress::new(peer));
        assert_eq!(ask(&layer, request).await.status, 302, "{name}");
        assert_eq!(fixture.store.keys().len(), markers, "{name}");
    }
}

#[tokio::test]
async fn strangers_cost_provider_and_store_little() {
    let fixture = Fixture::new();
    let layer = fixture.stored_layer();
    for i in 0..1000 {
        assert_eq!(ask(&layer, page(&format!("/{i}"))).await.status, 302, "{i}");
    }
    // One request for the provider's metadata, and markers up to the budget.
    assert_eq!(fixture.provider.asked_paths().len(), 1);
    assert_eq!(fixture.store.keys().len(), 300);
    fixture.store.asked();
    for (name, target) in [
        ("no parameters", "/oauth2/callback".to_owned()),
        (
            "a forged state",
            "/oauth2/callback?code=x&state=AXXXXXXX".to_owned(),
        ),
        (
            "a long one",
            format!("/oauth2/callback?code=x&state={}", "A".repeat(8000)),
        ),
    ] {
        for _ in 0..100 {
            let status = ask(&layer, page(&target)).await.status.as_u16();
            assert!(status == 400 || status == 403, "{name}: {status}");
        }
    }
    // A forged session cookie is refused without asking the store.
    for _ in 0..100 {
        let mut headers = NAVIGATION[1..2].to_vec();
        headers.push(("cookie", "__Host-portcullis=AXXXXXXXXXXX"));
        ask(&layer, get("/x", &headers)).await;
    }
    assert!(fixture.provider.asked().is_empty());
    assert!(fixture.store.asked().is_empty());
}

#[tokio::test]
async fn many_login_cookies_cost_and_return_one() {
    let fixture = Fixture::new();
    let good = "A".repeat(43);
    for (name, cookies, is_kept) in [
        ("none", String::new(), false),
        ("one", format!("__Host-portcullis-login={good}"), true),
        ("garbage", "__Host-portcullis-login=x; ".repeat(500), false),
        (
            "of the former kind",
            "__Host-portcullis-login-AAAAAAAAAAA=x; ".repeat(60),
            false,
        ),
        (
            "many",
            format!("__Host-portcullis-login={good}; ").repeat(200),
            true,
        ),
    ] {
        let mut headers = NAVIGATION.to_vec();
        headers.push(("cookie", &cookies));
        let answer = ask(&fixture.layer(), get("/", &headers)).await;
        assert_eq!(answer.status, 302, "{name}");
        let lines = answer.all("set-cookie");
        let [line] = &lines[..] else {
            panic!("{name}: {lines:?}")
        };
        assert_eq!(line.contains(&good), is_kept, "{name}");
    }
}
