//! A provider over sockets, with the default client.

use std::sync::Arc;

use portcullis::session::CookieKeys;
use portcullis::sso::{AllowList, PublicUrl};
use portcullis::{SsoLayer, SystemClock};

use crate::support::fake_provider::Answer;
use crate::support::fake_sso::{CLIENT, ClientAuth, FakeSso};
use crate::support::{Answer as Response, get, through};

const NAVIGATION: [(&str, &str); 3] = [
    ("host", "files.example.com"),
    ("sec-fetch-mode", "navigate"),
    ("accept", "text/html"),
];

fn layer(sso: &FakeSso) -> SsoLayer {
    let public_url = PublicUrl::new("https://files.example.com").unwrap();
    let keys = CookieKeys::random();
    let provider = sso.provider_over_sockets();
    SsoLayer::new("files", provider, public_url, keys, AllowList::everyone()).unwrap()
}

/// Opens a page, goes to the provider and comes back.
async fn sign_in(layer: &SsoLayer, sso: &FakeSso) -> Response {
    let started = through(layer, get("/a", &NAVIGATION)).await;
    let cookie = started
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let callback = sso.authorize(started.header("location").unwrap());
    let target = callback.strip_prefix("https://files.example.com").unwrap();
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", cookie));
    through(layer, get(target, &headers)).await
}

#[tokio::test]
async fn every_client_authentication_works() {
    for (name, sso, way) in [
        (
            "OpenID Connect",
            FakeSso::openid(SystemClock::default()),
            ClientAuth::Basic,
        ),
        (
            "with a form",
            FakeSso::openid(SystemClock::default()),
            ClientAuth::Post,
        ),
        (
            "as a public client",
            FakeSso::openid(SystemClock::default()),
            ClientAuth::None,
        ),
        (
            "OAuth 2.0",
            FakeSso::oauth2(SystemClock::default()),
            ClientAuth::Post,
        ),
    ] {
        sso.switches().client_auth = way;
        let _server = sso.serve().await;
        let answer = sign_in(&layer(&sso), &sso).await;
        assert_eq!(answer.status, 302, "{name}: {}", answer.body);
        assert_eq!(
            answer.header("location"),
            Some("https://files.example.com/a"),
            "{name}"
        );
        let last = sso.asked().pop().unwrap();
        let (method, path) = match way {
            ClientAuth::Post if name == "OAuth 2.0" => ("GET", "/api/v1/user/me/"),
            _ => ("GET", "/keys"),
        };
        assert_eq!((&*last.method, &*last.path), (method, path), "{name}");
    }
}

#[tokio::test]
async fn redirects_and_long_answers_sign_nobody_in() {
    let location = "/elsewhere";
    let long = " ".repeat(256 * 1024 + 1);
    for (name, answer) in [
        ("a redirect", Answer::redirect(307, location)),
        (
            "a redirect that asks for a GET",
            Answer::redirect(303, location),
        ),
        ("too long", Answer::ok(long)),
        (
            "compressed",
            Answer::ok("{}").with("content-encoding", "gzip"),
        ),
    ] {
        let sso = FakeSso::openid(SystemClock::default());
        let _server = sso.serve().await;
        let layer = layer(&sso);
        sso.publish("/token", answer);
        let failed = sign_in(&layer, &sso).await;
        assert!(failed.status.as_u16() >= 400, "{name}");
        let cookies = failed.all("set-cookie");
        let cleared = cookies.iter().all(|line| line.contains("Max-Age=0"));
        assert!(cleared, "{name}: {cookies:?}");
        let asked = sso.asked_paths();
        assert_eq!(asked.last().map(String::as_str), Some("/token"), "{name}");
        // The same layer works once the provider does.
        sso.mend();
        assert_eq!(sign_in(&layer, &sso).await.status, 302, "{name}");
    }
}

#[tokio::test]
async fn a_browser_signs_out_at_the_provider() {
    let sso = FakeSso::openid(SystemClock::default());
    let server = sso.serve().await;
    let url = format!(
        "{}/logout?client_id={}",
        server.url(),
        CLIENT.replace('/', "%2F")
    );
    assert_eq!(sso.sign_out(&url), None);
    let with = |more: &str| format!("{url}&post_logout_redirect_uri={more}");
    sso.switches().post_logout_redirect_uris = vec!["https://files.example.com/".into()];
    let back = sso.sign_out(&with("https%3A%2F%2Ffiles.example.com%2F"));
    assert_eq!(back.as_deref(), Some("https://files.example.com/"));
    let sso = Arc::clone(&sso);
    let elsewhere = with("https%3A%2F%2Fevil.example%2F");
    let refused = std::thread::spawn(move || sso.sign_out(&elsewhere)).join();
    assert!(refused.is_err());
}
