//! Many tabs, and all requests of a page, of one fresh browser.

use portcullis::SsoLayer;
use portcullis::session::SameSite;

use super::{Fixture, ORIGIN};
use crate::support::browser::{Browser, Visit, Wants};

/// Pseudo-random numbers, the same at each run.
struct Shuffle(u64);

impl Shuffle {
    fn below(&mut self, n: usize) -> usize {
        // The constants of Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// Advances the visits in a random order, one request or answer at a time, until all are complete.
async fn finish_in_any_order(browser: &mut Browser, visits: &mut [Visit], seed: u64) {
    let mut shuffle = Shuffle(seed);
    let mut open: Vec<_> = (0..visits.len()).collect();
    while !open.is_empty() {
        let place = shuffle.below(open.len());
        if browser.step(&mut visits[open[place]]).await {
            open.swap_remove(place);
        }
    }
}

fn both(fixture: &Fixture) -> [(&'static str, SsoLayer); 2] {
    [
        ("sealed", fixture.layer()),
        ("stored", fixture.stored_layer()),
    ]
}

#[tokio::test]
async fn thirty_first_requests_return_correctly() {
    for seed in 0..12 {
        let fixture = Fixture::new();
        for (name, layer) in both(&fixture) {
            let mut browser = fixture.browser(layer);
            let wants = |i| if i == 0 { Wants::Page } else { Wants::Image };
            let mut visits: Vec<_> = (0..30)
                .map(|i| browser.begin(wants(i), &format!("/album/{i}.png?size={i}")))
                .collect();
            finish_in_any_order(&mut browser, &mut visits, seed).await;
            for (i, visit) in visits.iter().enumerate() {
                let expected = format!("{ORIGIN}/album/{i}.png?size={i}");
                assert_eq!(
                    (visit.url(), visit.status()),
                    (&*expected, 200),
                    "{name}, {seed}"
                );
                let answer = visit.answer.as_ref().unwrap();
                // The guarded service sees no cookie of the layer.
                assert_eq!(answer.body, format!("u-1 /album/{i}.png?size={i}"));
            }
            assert_eq!(browser.names(), ["__Host-portcullis"], "{name}, {seed}");
        }
    }
}

#[tokio::test]
async fn two_tabs_complete_in_either_order() {
    for first in [0, 1] {
        let fixture = Fixture::new();
        for (name, layer) in both(&fixture) {
            let mut browser = fixture.browser(layer);
            let urls = [
                browser.open_up_to_the_callback("/one").await,
                browser.open_up_to_the_callback("/two?").await,
            ];
            let expected = [format!("{ORIGIN}/one"), format!("{ORIGIN}/two?")];
            for i in [first, 1 - first] {
                let visit = browser.open(&urls[i]).await;
                assert_eq!(
                    (visit.url(), visit.status()),
                    (&*expected[i], 200),
                    "{name}"
                );
            }
            // Going back to a completed callback still leads to its page.
            let visit = browser.open(&urls[first]).await;
            assert_eq!(
                (visit.url(), visit.status()),
                (&*expected[first], 200),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_session_replaces_a_dropped_sign_in_cookie() {
    let fixture = Fixture::new();
    for (name, layer) in both(&fixture) {
        let mut browser = fixture.browser(layer);
        let lost = browser.open_up_to_the_callback("/lost").await;
        browser.forget("__Host-portcullis-login-");
        // The browser has not signed in yet.
        let visit = browser.open(&lost).await;
        assert_eq!((visit.status(), visit.redirects), (403, 0), "{name}");
        let session = browser.open("/other").await;
        assert_eq!(session.status(), 200, "{name}");
        fixture.provider.asked();
        let visit = browser.open(&lost).await;
        assert_eq!(visit.url(), format!("{ORIGIN}/lost"), "{name}");
        assert_eq!((visit.status(), visit.redirects), (200, 1), "{name}");
        assert!(fixture.provider.asked().is_empty(), "{name}");
        // Another browser without a session is not admitted by that URL.
        assert_eq!(browser.fresh().open(&lost).await.status(), 403, "{name}");
    }
}

#[tokio::test]
async fn each_sign_in_has_a_new_session_id() {
    let fixture = Fixture::new();
    for (name, layer) in both(&fixture) {
        let mut browser = fixture.browser(layer);
        browser.open("/").await;
        let first = browser.cookies();
        browser.open("/oauth2/login").await;
        let second = browser.cookies();
        assert_eq!((first.len(), second.len()), (1, 1), "{name}");
        assert_eq!(first[0].name, second[0].name, "{name}");
        assert_ne!(first[0].value, second[0].value, "{name}");
        let sessions = fixture.store.keys();
        let sessions = sessions.iter().filter(|key| key.starts_with("session/"));
        assert_eq!(sessions.count(), if name == "stored" { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_browser_without_cookies_stops_at_a_page() {
    let fixture = Fixture::new();
    for (name, layer) in both(&fixture) {
        for (what, loses, redirects, status) in [
            ("nothing", None, 3, 200),
            ("all", Some("__Host-"), 2, 403),
            (
                "those of sign-ins",
                Some("__Host-portcullis-login-"),
                2,
                403,
            ),
        ] {
            let mut browser = fixture.browser(layer.clone());
            browser.loses = loses;
            let visit = browser.open("/x").await;
            let told = (visit.status(), visit.redirects);
            assert_eq!(told, (status, redirects), "{name}, {what}");
        }
    }
}

#[tokio::test]
async fn same_site_none_signs_in_embedded_images() {
    let fixture = Fixture::new();
    let lax = fixture.layer();
    let none = lax.clone().with_same_site(SameSite::None).unwrap();
    for (name, layer, status) in [("lax", lax, 403), ("none", none, 200)] {
        let mut browser = fixture.browser(layer);
        for seed in 0..3 {
            let mut visits: Vec<_> = (0..10)
                .map(|i| browser.begin(Wants::ImageElsewhere, &format!("/{i}.png")))
                .collect();
            finish_in_any_order(&mut browser, &mut visits, seed).await;
            for visit in &visits {
                assert_eq!(visit.status(), status, "{name}, {seed}");
            }
        }
    }
}
