//! Sessions that are sealed in their cookies.

use std::time::Duration;

use portcullis::gate::{Authenticator, Decision, Identity, Verdict};
use portcullis::jwt::{ClaimPath, ClaimSet};
use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, Provider, PublicUrl, SignInNote};
use portcullis::{Secret, SsoLayer};
use serde_json::{Value, json};

use super::callback::{about_to_come_back, coming_back};
use super::{Fixture, KEY, NAVIGATION, ORIGIN, ask, reason};
use crate::support::browser::Browser;
use crate::support::fake_sso::CLIENT;
use crate::support::{Answer, get, through};

const HOUR: u64 = 3600;

/// A browser that has signed in.
async fn signed_in(fixture: &Fixture) -> Browser {
    let mut browser = fixture.browser(fixture.layer());
    assert_eq!(browser.open("/").await.status(), 200);
    browser
}

/// The cookies of a browser that has signed in at this layer.
async fn signed_in_to(fixture: &Fixture, layer: SsoLayer) -> String {
    let mut browser = fixture.browser(layer);
    assert_eq!(browser.open("/").await.status(), 200);
    browser.cookie_header()
}

/// The answer to a navigation with these cookies.
async fn with_cookies(layer: &SsoLayer, cookies: &str) -> Answer {
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookies));
    ask(layer, get("/x", &headers)).await
}

/// The names of the cookies that an answer removes.
fn cleared(answer: &Answer) -> Vec<&str> {
    let lines = answer.all("set-cookie").into_iter();
    let cleared = lines.filter(|line| line.contains("Max-Age=0;"));
    cleared
        .map(|line| line.split_once('=').unwrap().0)
        .collect()
}

#[tokio::test]
async fn a_session_ends_with_its_lifetime() {
    let fixture = Fixture::new();
    fixture.provider.switches().has_refresh_tokens = false;
    let browser = signed_in(&fixture).await;
    let cookies = browser.cookie_header();
    assert_eq!(browser.cookies()[0].max_age, Duration::from_secs(9 * HOUR));
    let layer = fixture.layer();
    fixture.clock.advance(Duration::from_secs(9 * HOUR - 1));
    let answer = with_cookies(&layer, &cookies).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "u-1 /x"));
    assert!(answer.all("set-cookie").is_empty(), "nothing has changed");
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));

    fixture.clock.advance(Duration::from_secs(1));
    let answer = with_cookies(&layer, &cookies).await;
    assert_eq!(answer.status, 302, "to sign in again");
    assert_eq!(cleared(&answer), ["__Host-portcullis"]);
}

#[tokio::test]
async fn the_identity_describes_the_person() {
    let fixture = Fixture::new();
    let browser = signed_in(&fixture).await;
    let headers = [("cookie", browser.cookie_header())];
    let headers = headers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let answer = through(&fixture.layer(), get("/x", &headers)).await;
    let identity = answer.seen().extensions.get::<Identity>().unwrap();
    assert_eq!((identity.method(), identity.subject()), ("sso", "u-1"));
    let claims = identity.claims::<ClaimSet>().unwrap();
    assert_eq!(claims.get("groups"), Some(&json!(["staff", "builders"])));
    assert!(identity.has_scope("openid") && identity.is_by_cookie());
    let end = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + 9 * HOUR);
    assert_eq!(identity.expires_at(), Some(end));
    assert!(!answer.seen().headers.contains_key("cookie"));
}

#[tokio::test]
async fn a_foreign_cookie_is_ignored_and_removed() {
    let fixture = Fixture::new();
    let browser = signed_in(&fixture).await;
    let good = browser.cookie_header();
    let layer = fixture.layer();
    let (name, value) = good.split_once('=').unwrap();
    let flipped = |i: usize| {
        let mut bytes = good.clone().into_bytes();
        bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    for (case, cookies, status) in [
        ("as it was set", good.clone(), 200),
        ("beside others", format!("a=1; {good}; b=2"), 200),
        ("the first byte", flipped(name.len() + 1), 302),
        ("a byte within", flipped(good.len() / 2), 302),
        ("the last byte", flipped(good.len() - 2), 302),
        ("cut off", good[..good.len() - 4].to_owned(), 302),
        ("extended", format!("{good}AAAA"), 302),
        ("nothing", format!("{name}="), 302),
        (
            "an id as with a store",
            format!("{name}={}", &value[..86]),
            302,
        ),
        ("not base64url", format!("{name}=%00"), 302),
    ] {
        let answer = with_cookies(&layer, &cookies).await;
        assert_eq!(answer.status.as_u16(), status, "{case}");
        let is_cleared = cleared(&answer).contains(&"__Host-portcullis");
        assert_eq!(is_cleared, status == 302, "{case}");
    }
    let other_name = layer.clone().with_cookie_name("other").unwrap();
    let cookies = good.replace(name, "__Host-other");
    assert_eq!(with_cookies(&other_name, &cookies).await.status, 302);
    assert_eq!(with_cookies(&other_name, &good).await.status, 302);
    let with_store = fixture.stored_layer();
    assert_eq!(with_cookies(&with_store, &good).await.status, 302);
    assert!(
        fixture
            .store
            .asked()
            .iter()
            .all(|asked| asked.starts_with("save login/"))
    );
}

#[tokio::test]
async fn a_session_is_bound_to_provider_and_client() {
    let fixture = Fixture::new();
    let good = signed_in(&fixture).await.cookie_header();
    let issuer = fixture.provider.issuer();
    for (name, issuer, client, status) in [
        ("the same", &*issuer, CLIENT, 200),
        ("another client", &*issuer, "other", 401),
        ("another provider", "https://id.other.example", CLIENT, 401),
    ] {
        let provider = Provider::discover(issuer, client, None).unwrap();
        let url = PublicUrl::new(ORIGIN).unwrap();
        let keys = CookieKeys::new(KEY).unwrap();
        let layer = SsoLayer::new("files", provider, url, keys, AllowList::everyone());
        let layer = layer.unwrap().with_clock(fixture.clock.clone());
        // A request that starts no sign-in.
        let headers = [("cookie", &*good), ("accept", "application/json")];
        let answer = ask(&layer, get("/x", &headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
    }
}

#[tokio::test]
async fn a_second_cookie_ends_at_a_page() {
    let fixture = Fixture::new();
    let long = Fixture::new();
    long.provider.switches().user["about"] = "x".repeat(1500).into();
    let (good, long) = (signed_in(&fixture).await, signed_in(&long).await);
    let (good, long) = (good.cookie_header(), long.cookie_header());
    let id = signed_in_to(&fixture, fixture.stored_layer()).await;
    let (name, _) = good.split_once('=').unwrap();
    for (case, layer, cookies, status, removed) in [
        ("alone", fixture.layer(), good.clone(), 200, 0),
        ("in two parts", fixture.layer(), long.clone(), 200, 0),
        (
            "beside a made-up one",
            fixture.layer(),
            format!("{good}; {name}=x"),
            403,
            1,
        ),
        (
            "behind one",
            fixture.layer(),
            format!("{name}=x; {good}"),
            403,
            1,
        ),
        (
            "the same again",
            fixture.layer(),
            format!("{good}; {good}"),
            403,
            1,
        ),
        (
            "a second part",
            fixture.layer(),
            format!("{long}; {name}-1=x"),
            403,
            2,
        ),
        ("an id alone", fixture.stored_layer(), id.clone(), 200, 0),
        (
            "an id",
            fixture.stored_layer(),
            format!("{id}; {name}=x"),
            403,
            1,
        ),
    ] {
        fixture.store.asked();
        let answer = with_cookies(&layer, &cookies).await;
        assert_eq!(answer.status.as_u16(), status, "{case}");
        assert_eq!(cleared(&answer).len(), removed, "{case}");
        if status == 403 {
            // The next sign-in would have the same two cookies.
            assert_eq!(answer.header("location"), None, "{case}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{case}");
            assert!(
                answer.body.contains("href=\"/x\""),
                "{case}: {}",
                answer.body
            );
            let why = "the session cookie occurs more than once";
            assert_eq!(reason(&answer).1, why, "{case}");
            assert!(fixture.store.asked().is_empty(), "{case}");
        }
    }
}

fn layer_with(fixture: &Fixture, keys: CookieKeys, allowed: AllowList) -> SsoLayer {
    let url = PublicUrl::new(ORIGIN).unwrap();
    let provider = fixture.provider.provider();
    let layer = SsoLayer::new("files", provider, url, keys, allowed).unwrap();
    layer.with_clock(fixture.clock.clone())
}

#[tokio::test]
async fn a_previous_key_keeps_sessions_valid() {
    let fixture = Fixture::new();
    let good = signed_in(&fixture).await.cookie_header();
    let new =
        || CookieKeys::new(Secret::new("another secret of the gateway, after a change")).unwrap();
    for (name, keys, status) in [
        ("the key alone", CookieKeys::new(KEY).unwrap(), 200),
        ("a new one", new(), 302),
        (
            "a new one before it",
            new().with_previous(KEY).unwrap(),
            200,
        ),
    ] {
        let layer = layer_with(&fixture, keys, AllowList::everyone());
        assert_eq!(
            with_cookies(&layer, &good).await.status.as_u16(),
            status,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_delisted_person_gets_a_page() {
    let fixture = Fixture::new();
    let good = signed_in(&fixture).await.cookie_header();
    for (name, email, status) in [
        ("named", "ana@example.com", 200),
        ("not named", "bo@example.com", 403),
    ] {
        let allowed = AllowList::new().with_emails([email]).unwrap();
        let layer = layer_with(&fixture, CookieKeys::new(KEY).unwrap(), allowed);
        let answer = with_cookies(&layer, &good).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        if status == 403 {
            assert!(
                answer
                    .header("content-type")
                    .unwrap()
                    .starts_with("text/html")
            );
            assert_eq!(answer.header("location"), None);
            assert_eq!(reason(&answer).0, portcullis::gate::RefusalKind::Forbidden);
        }
    }
}

#[tokio::test]
async fn a_large_session_drops_its_hint_first() {
    for (name, claim, parts, has_hint) in [
        ("small", 10, 1, true),
        // The ID token contains the claims as well.
        ("in two parts", 1500, 2, true),
        ("without the ID token", 4000, 2, false),
        ("too large", 8000, 0, false),
    ] {
        let fixture = Fixture::new();
        fixture.provider.switches().user["about"] = "x".repeat(claim).into();
        let mut browser = fixture.browser(fixture.layer());
        let visit = browser.open("/x").await;
        assert_eq!(browser.cookies().len(), parts, "{name}");
        if parts == 0 {
            assert_eq!(visit.status(), 403, "{name}");
            let (kind, told) = reason(visit.answer.as_ref().unwrap());
            assert_eq!(kind, portcullis::gate::RefusalKind::Forbidden, "{name}");
            assert_eq!(told, "the session does not fit into the cookie", "{name}");
            continue;
        }
        assert_eq!(visit.status(), 200, "{name}");
        let answer = browser
            .send(
                "POST",
                "/oauth2/logout",
                &[("sec-fetch-site", "same-origin")],
            )
            .await;
        let location = answer.header("location").unwrap();
        assert_eq!(location.contains("id_token_hint="), has_hint, "{name}");
        assert!(
            browser.cookies().is_empty(),
            "{name}: every part is removed"
        );
    }
}

#[tokio::test]
async fn a_decision_allocates_little() {
    let fixture = Fixture::new();
    let mut costs = Vec::new();
    for claims in [0, 10] {
        for i in 0..claims {
            fixture.provider.switches().user[format!("about-{i}")] = "something".into();
        }
        let browser = signed_in(&fixture).await;
        let cookies = browser.cookie_header();
        let head = crate::support::head(&[("cookie", &cookies)]);
        let layer = fixture.layer();
        let mut decision = None;
        let cost = allocation_counter::measure(|| decision = Some(layer.authenticate(&head)));
        let is_admitted = matches!(decision, Some(Decision::Now(Verdict::Admit(_))));
        assert!(is_admitted);
        costs.push(cost.count_total);
    }
    // Measured: 33, and 23 more for ten further claims, which end up in the identity.
    assert!(costs[0] <= 36, "{costs:?}");
    assert!(costs[1] <= costs[0] + 25, "{costs:?}");
}

#[tokio::test]
async fn a_session_keeps_only_chosen_claims() {
    let all = ["about", "email", "email_verified", "groups", "name", "sub"];
    let name = || [ClaimPath::new(["name"]).unwrap()];
    let fixture = Fixture::new();
    fixture.provider.switches().user["about"] = "x".repeat(1500).into();
    let layer = || {
        let groups = ClaimPath::new(["groups"]).unwrap();
        let allowed = AllowList::new().with_groups(groups, ["staff"]).unwrap();
        layer_with(&fixture, CookieKeys::new(KEY).unwrap(), allowed)
    };
    for (case, layer, expected) in [
        ("by default", layer(), &all[..]),
        ("the list's", layer().with_kept_claims([]), &["groups"]),
        (
            "one more",
            layer().with_kept_claims(name()),
            &["groups", "name"],
        ),
    ] {
        let mut browser = fixture.browser(layer.clone());
        assert_eq!(browser.open("/x").await.status(), 200, "{case}");
        // At once, and after a refresh.
        for _ in 0..2 {
            let cookies = browser.cookie_header();
            let answer = through(&layer, get("/x", &[("cookie", &cookies)])).await;
            let seen = answer.seen();
            let identity = seen.extensions.get::<Identity>().unwrap();
            let claims = identity.claims::<ClaimSet>().unwrap();
            let claims: serde_json::Map<String, Value> = claims.to().unwrap();
            let known = claims.keys().filter(|name| all.contains(&name.as_str()));
            assert_eq!(known.collect::<Vec<_>>(), expected, "{case}");
            fixture.clock.advance(Duration::from_mins(4));
        }
    }
}

#[tokio::test]
async fn an_id_token_without_use_is_not_kept() {
    let sizes = [json!({}), json!({ "end_session_endpoint": null })].map(async |metadata| {
        let fixture = Fixture::new();
        fixture.provider.switches().metadata = metadata;
        let browser = signed_in(&fixture).await;
        browser.cookie_header().len()
    });
    let [kept, not_kept] = sizes;
    let (kept, not_kept) = (kept.await, not_kept.await);
    assert!(not_kept + 500 < kept, "{not_kept} and {kept} bytes");
}

#[tokio::test]
async fn large_cookies_are_noted_at_the_sign_in() {
    for (claim, is_noted) in [(10, false), (1500, true)] {
        for is_stored in [false, true] {
            let fixture = Fixture::new();
            fixture.provider.switches().user["about"] = "x".repeat(claim).into();
            let layer = if is_stored {
                fixture.stored_layer()
            } else {
                fixture.layer()
            };
            let (browser, url) = about_to_come_back(&fixture, &layer).await;
            let answer = ask(&layer, coming_back(&url, &browser.cookie_header())).await;
            assert_eq!(answer.status, 302);
            let bytes: usize = answer.all("set-cookie").iter().map(|line| line.len()).sum();
            let expected = (is_noted && !is_stored).then(|| format!(
                "the session's cookies have {bytes} bytes, and nginx accepts 4096 by default: raise its \
                 proxy_buffer_size, or keep sessions in a store such as Redis"
            ));
            let note = answer
                .extensions
                .get::<SignInNote>()
                .map(ToString::to_string);
            assert_eq!(note, expected);
        }
    }
}
