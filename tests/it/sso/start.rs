//! The start of a sign-in: which requests start one, and the answer to the browser.

use axum::body::Body;
use http::{Method, Request};
use portcullis::basic_auth::{BasicAuthLayer, FixedUsers};
use portcullis::gate::{
    AnyOf, Authenticator, GateLayer, Optional, RefusalKind, RequireScopeLayer, ScopePolicy,
};
use portcullis::sso::PublicUrl;
use tower::{ServiceBuilder, service_fn};

use super::{Fixture, NAVIGATION, ask, files, reason};
use crate::support::fake_provider;
use crate::support::{Answer, basic, get, send};

pub(super) fn page(target: &str) -> Request<Body> {
    get(target, &NAVIGATION)
}

fn basic_auth() -> BasicAuthLayer {
    BasicAuthLayer::new("files", FixedUsers::new([("ana", "s3cret")]).unwrap()).unwrap()
}

/// The parameters of the redirect to the provider.
fn sent(answer: &Answer) -> Vec<(String, String)> {
    let location = answer.header("location").expect("a redirect");
    let (endpoint, query) = location.split_once('?').unwrap();
    assert_eq!(endpoint, "https://id.example/authorize");
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

#[tokio::test]
async fn a_start_is_a_redirect_with_one_cookie() {
    let fixture = Fixture::new();
    let answer = ask(&fixture.layer(), page("/a/b.html?x=%2F&y")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (302, ""));
    assert_eq!(reason(&answer).0, RefusalKind::Missing);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.all("www-authenticate").is_empty());

    let sent = sent(&answer);
    let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(names.iter().filter(|known| **known == name).count(), 1);
    }
    let is_sent = |name: &str, value: &str| sent.contains(&(name.to_owned(), value.to_owned()));
    assert!(is_sent(
        "redirect_uri",
        "https://files.example.com/oauth2/callback"
    ));
    assert!(is_sent("code_challenge_method", "S256"));

    let cookies = answer.all("set-cookie");
    let [cookie] = &cookies[..] else {
        panic!("{cookies:?}");
    };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(
        attributes,
        "Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax"
    );
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!((name, value.len()), ("__Host-portcullis-login", 43));
    assert!(answer.headers["set-cookie"].is_sensitive());

    // Two starts have no value in common.
    let other = ask(&fixture.layer(), page("/a/b.html?x=%2F&y")).await;
    for (name, value) in self::sent(&other) {
        let is_random = ["state", "nonce", "code_challenge"].contains(&name.as_str());
        assert_eq!(is_sent(&name, &value), !is_random, "{name}");
    }
    assert_ne!(other.all("set-cookie"), cookies);

    // With the cookie of an earlier one it is the same, for another ten minutes.
    let mut headers = NAVIGATION.to_vec();
    headers.push(("cookie", pair));
    let third = ask(&fixture.layer(), get("/", &headers)).await;
    assert_eq!(third.all("set-cookie"), cookies);
    for (name, value) in self::sent(&third) {
        let is_random = ["state", "nonce", "code_challenge"].contains(&name.as_str());
        assert_eq!(is_sent(&name, &value), !is_random, "{name}");
    }
}

#[tokio::test]
async fn requests_that_browsers_follow_start_a_sign_in() {
    let fixture = Fixture::new();
    let alone = fixture.layer();
    let beside = AnyOf::new((fixture.layer(), basic_auth())).unwrap();
    let navigation = &NAVIGATION[..];
    let image = &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")][..];
    let script = &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")][..];
    let get = Method::GET;
    for (name, method, headers, is_alone, is_beside) in [
        ("a page", &get, navigation, true, true),
        ("the head of a page", &Method::HEAD, navigation, true, true),
        ("an image of a page", &get, image, true, true),
        ("a fetch by a script", &get, script, false, false),
        ("a form", &Method::POST, navigation, false, false),
        ("an upload", &Method::PUT, navigation, false, false),
        (
            "a request of a script",
            &Method::OPTIONS,
            navigation,
            false,
            false,
        ),
        (
            "a page by http",
            &get,
            &[("accept", "text/html")],
            true,
            true,
        ),
        ("curl", &get, &[("accept", "*/*")], true, false),
        ("no field", &get, &[], true, false),
        (
            "an index",
            &get,
            &[("accept", "application/json")],
            false,
            false,
        ),
    ] {
        let request = || {
            let mut request = Request::builder().method(method).uri("/x");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.body(Body::empty()).unwrap()
        };
        let answer = ask(&alone, request()).await;
        let expected = if is_alone { 302 } else { 401 };
        assert_eq!(answer.status.as_u16(), expected, "{name}, alone");
        // RFC 9110 section 15.5.2: a 401 has a challenge.
        let challenges: &[_] = if is_alone {
            &[]
        } else {
            &["Cookie realm=\"files\""]
        };
        assert_eq!(answer.all("www-authenticate"), challenges, "{name}");
        assert_eq!(answer.all("set-cookie").is_empty(), !is_alone, "{name}");

        let answer = ask(&beside, request()).await;
        let expected = if is_beside { 302 } else { 401 };
        assert_eq!(answer.status.as_u16(), expected, "{name}, beside another");
        let others = answer.all("www-authenticate");
        if !is_beside {
            assert_eq!(
                others,
                ["Basic realm=\"files\", charset=\"UTF-8\""],
                "{name}"
            );
        }
        assert_eq!(reason(&answer).0, RefusalKind::Missing, "{name}");
    }
}

#[tokio::test]
async fn a_final_refusal_starts_no_sign_in() {
    let fixture = Fixture::new();
    let beside = AnyOf::new((fixture.layer(), basic_auth())).unwrap();
    let (right, wrong) = (basic("ana", "s3cret"), basic("ana", "guess"));
    for (name, authorization, status) in [
        ("nothing", None, 302),
        ("the right password", Some(right.as_str()), 200),
        ("a wrong password", Some(&*wrong), 401),
        ("no credentials", Some("Basic ="), 401),
    ] {
        let mut headers = NAVIGATION.to_vec();
        headers.extend(authorization.map(|value| ("authorization", value)));
        let answer = ask(&beside, get("/", &headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        assert_eq!(answer.header("location").is_some(), status == 302, "{name}");
    }
    // A person who has signed in and lacks a scope would come back unchanged.
    let policy = ScopePolicy::all_of(["admin"]).unwrap();
    let stack = ServiceBuilder::new()
        .layer(GateLayer::new(beside))
        .layer(RequireScopeLayer::new(policy))
        .service(service_fn(files));
    let mut headers = NAVIGATION.to_vec();
    headers.push(("authorization", &right));
    let answer = send(stack, get("/", &headers)).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("location"), None);
}

#[tokio::test]
async fn an_optional_method_may_start_a_sign_in() {
    let fixture = Fixture::new();
    let optional = Optional::new(fixture.layer());
    let answer = ask(&optional, page("/x")).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "nobody /x"));
    let stack = ServiceBuilder::new()
        .layer(GateLayer::new(optional.clone()))
        .layer(RequireScopeLayer::signed_in())
        .service(service_fn(files));
    let answer = send(stack, page("/x")).await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.all("set-cookie").len(), 1);

    let mut browser = fixture.browser(optional);
    let visit = browser.open("/oauth2/login?return_to=/x%3Fy%3D1").await;
    assert_eq!(visit.url(), "https://files.example.com/x?y=1");
    assert_eq!(visit.answer.unwrap().body, "u-1 /x?y=1");
}

#[tokio::test]
async fn return_to_must_be_a_safe_path() {
    let fixture = Fixture::new();
    let home = "https://files.example.com/";
    for (name, query, ends_at) in [
        ("nowhere in particular", "", home),
        ("an empty query", "?", home),
        ("a path", "?return_to=/a/b", "https://files.example.com/a/b"),
        (
            "a path that is encoded",
            "?return_to=%2Fa%3Fb",
            "https://files.example.com/a?b",
        ),
        (
            "beside something else",
            "?x=1&return_to=/a&y",
            "https://files.example.com/a",
        ),
        ("another site", "?return_to=//evil.example", home),
        (
            "another site by its scheme",
            "?return_to=https://evil.example/",
            home,
        ),
        (
            "another site by a backslash",
            "?return_to=/%5Cevil.example",
            home,
        ),
        ("nothing", "?return_to=", home),
        ("where sign-ins begin", "?return_to=/oauth2/login", home),
        (
            "where sign-ins end",
            "?return_to=/oauth2/callback%3Fcode%3D1",
            home,
        ),
        ("where sessions end", "?return_to=/oauth2/logout", home),
        (
            "below that",
            "?return_to=/oauth2/logout/x",
            "https://files.example.com/oauth2/logout/x",
        ),
    ] {
        let mut browser = fixture.browser(fixture.layer());
        let visit = browser.open(&format!("/oauth2/login{query}")).await;
        assert_eq!((visit.url(), visit.status()), (ends_at, 200), "{name}");
    }
    let answer = ask(
        &fixture.layer(),
        page("/oauth2/login?return_to=/a&return_to=/b"),
    )
    .await;
    assert_eq!(answer.status, 400);
    assert_eq!(reason(&answer).1, "return_to occurs twice");
    assert!(answer.all("set-cookie").is_empty());
    for method in [Method::HEAD, Method::POST, Method::OPTIONS, Method::DELETE] {
        let request = Request::builder().method(&method).uri("/oauth2/login");
        let answer = ask(&fixture.layer(), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET"), "{method}");
    }
}

#[tokio::test]
async fn an_unavailable_provider_causes_a_page() {
    let metadata = "/.well-known/openid-configuration";
    for (name, answer) in [
        ("down", fake_provider::Answer::Breaks),
        ("an error", fake_provider::Answer::status(500)),
        ("not found", fake_provider::Answer::status(404)),
        ("garbage", fake_provider::Answer::ok("{")),
    ] {
        let fixture = Fixture::new();
        fixture.provider.publish(metadata, answer);
        let layer = fixture.stored_layer();
        let answer = ask(&layer, page("/x")).await;
        assert_eq!(answer.status, 503, "{name}");
        assert_eq!(answer.header("retry-after"), Some("5"), "{name}");
        assert_eq!(reason(&answer).0, RefusalKind::Unavailable, "{name}");
        assert!(answer.all("set-cookie").is_empty(), "{name}");
        assert!(answer.all("www-authenticate").is_empty(), "{name}");
        assert!(
            answer.body.contains("href=\"/x\""),
            "{name}: {}",
            answer.body
        );
        assert!(fixture.store.asked().is_empty(), "{name}");

        fixture.provider.mend();
        fixture.clock.advance(std::time::Duration::from_mins(1));
        assert_eq!(ask(&layer, page("/x")).await.status, 302, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_public_url_is_malformed() {
    let fixture = Fixture::new();
    let layer = fixture.layer_at(PublicUrl::insecure_from_request());
    let navigation = |more: &[(&'static str, &'static str)]| {
        let mut headers = NAVIGATION[1..].to_vec();
        headers.extend(more);
        get("/x", &headers)
    };
    for (name, headers, status) in [
        ("none", &[][..], 400),
        ("a host", &[("host", "files.example.com")], 302),
        (
            "https",
            &[
                ("host", "files.example.com"),
                ("x-forwarded-proto", "https"),
            ],
            302,
        ),
        (
            "a script",
            &[
                ("host", "files.example.com"),
                ("x-forwarded-proto", "javascript"),
            ],
            400,
        ),
        (
            "two hosts",
            &[("host", "a.example"), ("host", "b.example")],
            400,
        ),
    ] {
        let answer = ask(&layer, navigation(headers)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
        let is_https = headers.len() == 2 && status == 302;
        for line in answer.all("set-cookie") {
            assert!(line.starts_with("portcullis-login="), "{line}");
            assert_eq!(line.contains("; Secure"), is_https, "{line}");
        }
    }
}

#[tokio::test]
async fn the_routes_can_be_moved() {
    let fixture = Fixture::new();
    let layer = || fixture.layer();
    let moved = layer().with_route_prefix("/docs/sign-in").unwrap();
    let compatible = layer().with_callback_path("/__redirect_from_sso").unwrap();
    let both = moved.clone().with_callback_path("/back").unwrap();
    for (name, layer, callback, login) in [
        ("default", layer(), "/oauth2/callback", "/oauth2/login"),
        (
            "prefix",
            moved,
            "/docs/sign-in/callback",
            "/docs/sign-in/login",
        ),
        ("path", compatible, "/__redirect_from_sso", "/oauth2/login"),
        ("both", both, "/back", "/docs/sign-in/login"),
    ] {
        let head = |path: &str| page(path).into_parts().0;
        for path in [callback, login] {
            assert!(layer.owns_route(&head(path)), "{name}: {path}");
            for other in [format!("{path}/"), format!("{path}x"), format!("/x{path}")] {
                assert!(!layer.owns_route(&head(&other)), "{name}: {other}");
            }
        }
        assert_eq!(ask(&layer, page(callback)).await.status, 400, "{name}");
        let answer = ask(&layer, page("/x")).await;
        let uri = format!("https://files.example.com{callback}");
        let uri = ("redirect_uri".to_owned(), uri);
        assert!(sent(&answer).contains(&uri), "{name}");
    }
}
