//! Many tabs, and all requests of a page, of one fresh browser.

use http::request::Parts;
use portcullis::SsoLayer;
use portcullis::gate::{Authenticator, Decision, Refusal};
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

/// The first requests of a browser have no cookie. Of the cookies that they get, the browser keeps the last,
/// so that the others start again up to four times.
const MOST_REDIRECTS: usize = 3 + 4 * 2;

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
            browser.most_redirects = MOST_REDIRECTS;
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
        browser.forget("__Host-portcullis-login");
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
            ("those of sign-ins", Some("__Host-portcullis-login"), 2, 403),
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
        browser.most_redirects = MOST_REDIRECTS;
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

#[tokio::test]
async fn forty_sign_ins_on_four_mounts_share_a_cookie() {
    let fixture = Fixture::new();
    let mounts: Vec<_> = (0..4)
        .map(|i| {
            let layer = fixture.layer().with_cookie_name(&format!("mount-{i}"));
            let layer = layer.and_then(|it| it.with_route_prefix(&format!("/{i}/sign-in")));
            layer.unwrap()
        })
        .collect();
    let callbacks = (0..4).map(|i| format!("{ORIGIN}/{i}/sign-in/callback"));
    fixture.provider.switches().redirect_uris = callbacks.collect();
    let mut browser = fixture.browser(ByMount(mounts));
    let mut waiting = Vec::new();
    for i in 0..40 {
        for mount in 0..4 {
            let path = format!("/{mount}/{i}");
            let callback = browser.open_up_to_the_callback(&path).await;
            waiting.push((callback, format!("{ORIGIN}{path}")));
        }
    }
    let only = browser.login().expect("one cookie");
    let field = browser.cookie_header();
    assert_eq!(field, format!("{}={}", only.name, only.value));
    assert!(field.len() < 1024, "{} bytes", field.len());
    // The first of each mount, one in between, and the last. None starts again.
    fixture.provider.asked();
    for place in [0, 1, 2, 3, 77, 159] {
        let (callback, page) = &waiting[place];
        let visit = browser.open(callback).await;
        assert_eq!((visit.url(), visit.status()), (&**page, 200), "{place}");
        assert_eq!(visit.redirects, 1, "{place}");
    }
    let asked = fixture.provider.asked_paths();
    assert_eq!(asked.iter().filter(|path| *path == "/token").count(), 6);
    assert_eq!(browser.cookies().len(), 4);
    assert_eq!(browser.login().map(|it| it.value), Some(only.value));
}

#[tokio::test]
async fn a_state_is_bound_to_its_mount() {
    let fixture = Fixture::new();
    let other = fixture.layer().with_cookie_name("other").unwrap();
    let mut browser = fixture.browser(fixture.layer());
    let callback = browser.open_up_to_the_callback("/x").await;
    let answer = super::ask(
        &other,
        super::callback::coming_back(&callback, &browser.cookie_header()),
    );
    assert_eq!(answer.await.status, 403);
    assert_eq!(browser.open(&callback).await.status(), 200);
}

/// Sends each request to the method of its first segment.
#[derive(Clone, Debug)]
struct ByMount(Vec<SsoLayer>);

impl ByMount {
    fn of(&self, head: &Parts) -> &SsoLayer {
        let digit = head.uri.path().as_bytes()[1];
        &self.0[usize::from(digit - b'0')]
    }
}

impl Authenticator for ByMount {
    fn authenticate(&self, head: &Parts) -> Decision {
        self.of(head).authenticate(head)
    }

    fn challenge(&self, head: &Parts, refusal: &mut Refusal) {
        self.of(head).challenge(head, refusal);
    }

    fn strip(&self, head: &mut Parts) {
        self.of(head).clone().strip(head);
    }

    fn owns_route(&self, head: &Parts) -> bool {
        self.of(head).owns_route(head)
    }
}
